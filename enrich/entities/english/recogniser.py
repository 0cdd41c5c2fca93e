"""Runs spaCy: splits texts into tokens and finds the entities that a spaCy pipeline recognises in them.

In: texts, and the package of a pipeline. Out: a RecognisedText for each.

The only module that runs spaCy. Of a pipeline nothing is run but what its entity recogniser needs. A recogniser of
the usual kind is decoded by `ner_decoder`, and its vectors are computed with numpy's BLAS instead of spaCy's own matrix
product: the same entities in a third of the time. A recogniser of another kind runs as spaCy runs it.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps

from enrich.entities.ner_decoder import DecodedEntities, DecoderWeights, EntitySpan, Floats, LabelRanking, NerDecoder

BATCH = 16  # texts
TAGGING_PIPES = ("tagger", "morphologizer", "attribute_ruler", "lemmatizer", "trainable_lemmatizer")
UNNEEDED_PIPES = (*TAGGING_PIPES, "parser", "senter")
FEATURE_TOKENS = 3


class RecognisedText(NamedTuple):
    """A text's tokens, where they stand in it, the entities among them, and the recogniser's view of each token."""

    words: list[str]
    starts: list[int]  # of each word, in characters
    spans: list[EntitySpan]
    label_rankings: list[LabelRanking]  # of each token; empty where the recogniser is of another kind
    vectors: Floats  # of each token, by the recogniser's network; empty where it is of another kind


def recognise(texts: Sequence[str], package: str) -> Iterator[RecognisedText]:
    """The tokens and entities of each text, by the pipeline of that package.

    Raises OSError when the package is not installed.
    """
    pipeline = _load_pipeline(package)
    for at in range(0, len(texts), BATCH):
        batch = texts[at : at + BATCH]
        docs = [pipeline.spacy_pipeline.make_doc(text) for text in batch]
        yield from map(_recognised_text, batch, docs, *pipeline.decode_docs(docs))


def pipeline_name(package: str) -> str:
    """What the pipeline of that package calls itself, and its version: "en core_web_sm 3.8.0"."""
    meta = _load_pipeline(package).spacy_pipeline.meta
    return f"{meta['lang']} {meta['name']} {meta['version']}"


def _recognised_text(text: str, doc: Doc, decoded: DecodedEntities, vectors: Floats) -> RecognisedText:
    places = doc.to_array(["IDX", "LENGTH"]).astype(int).reshape(-1, 2).tolist()
    return RecognisedText(
        [text[at : at + length] for at, length in places], [at for at, _ in places], *decoded, vectors
    )


class _BlasOps(NumpyOps):  # type: ignore[misc]
    """thinc's operations with numpy's matrix product, which is more than twice as fast as thinc's own (blis)."""

    name = "newsloom"

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        """x times y, each transposed where asked for."""
        return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


class _Pipeline:
    """A spaCy pipeline, and the decoder of its entity recogniser where there is one."""

    def __init__(self, package: str) -> None:
        self.spacy_pipeline = _load_spacy(package)
        recogniser: Any = self.spacy_pipeline.get_pipe("ner")
        self._recogniser = recogniser
        self._decoder = _build_decoder(self._recogniser) if self.spacy_pipeline.pipe_names == ["ner"] else None
        if self._decoder:
            for node in self._recogniser.model.walk():
                node.ops = _BlasOps()

    def decode_docs(self, docs: Sequence[Doc]) -> tuple[list[DecodedEntities], list[Floats]]:
        """The entities of each document, and the vectors of its tokens."""
        if not self._decoder:
            spans = [
                [EntitySpan(each.start, each.end, each.label_) for each in self._run_pipes(doc).ents] for doc in docs
            ]
            return [DecodedEntities(each, []) for each in spans], [np.zeros((0, 0), np.float32)] * len(docs)
        vectors = self._recogniser.model.get_ref("tok2vec").predict(docs)
        ends = np.cumsum([len(doc) for doc in docs])[:-1]
        spaces = [doc.to_array("IS_SPACE").astype(bool) for doc in docs]
        of_docs = np.split(vectors, ends)
        return [self._decoder.decode(*each) for each in zip(of_docs, spaces, strict=True)], of_docs

    def _run_pipes(self, doc: Doc) -> Doc:
        for _, pipe in self.spacy_pipeline.pipeline:
            doc = pipe(doc)
        return doc


@cache
def _load_pipeline(package: str) -> _Pipeline:
    return _Pipeline(package)


def _load_spacy(package: str) -> Language:
    """The pipeline without what its recogniser does not need: a shared tok2vec too, where it has its own."""
    pipeline = spacy.load(package, exclude=list(UNNEEDED_PIPES))
    own = "listener" not in str(pipeline.config["components"]["ner"]["model"]["tok2vec"]).lower()
    return spacy.load(package, exclude=[*UNNEEDED_PIPES, "tok2vec"]) if own else pipeline


def _build_decoder(recogniser: Any) -> NerDecoder | None:
    """A decoder with the weights of a spaCy recogniser; None where it is of another kind."""
    model = recogniser.model
    if recogniser.cfg.get("beam_width", 1) != 1 or not model.has_ref("lower") or not model.has_ref("upper"):
        return None
    lower, upper = model.get_ref("lower"), model.get_ref("upper")
    if lower.get_dim("nF") != FEATURE_TOKENS or not upper.has_param("W"):
        return None
    bias = upper.get_param("b").copy()
    bias[[index for index, seen in enumerate(_seen_moves(model, len(bias))) if not seen]] = -np.inf
    return NerDecoder(
        DecoderWeights(
            lower.get_param("W"),
            lower.get_param("pad")[0],
            lower.get_param("b"),
            upper.get_param("W"),
            bias,
            [recogniser.moves.get_class_name(index) for index in range(len(bias))],
        )
    )


def _seen_moves(model: Any, moves: int) -> list[bool]:
    """Whether each of so many moves was seen when the model was trained."""
    unseen = model.attrs.get("unseen_classes", ())
    return [index not in unseen for index in range(moves)]
