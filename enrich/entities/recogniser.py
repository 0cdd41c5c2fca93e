"""Texts -> their tokens, and the entities that a spaCy pipeline recognises in them.

The only module that knows spaCy. A pipeline is named by its package, whatever its labels; all of it is excluded but
what its entity recogniser needs. Where the recogniser is of the usual kind it is decoded by `transitions`, and its
vectors are computed by numpy's BLAS instead of spaCy's: the same entities in a third of the time. Others run as they
are.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from thinc.api import NumpyOps

from enrich.entities.ner_decoder import Decoded, Decoder, Floats, Leaning, Span, Weights

BATCH = 16
NOT_NEEDED = ("tagger", "parser", "senter", "attribute_ruler", "lemmatizer", "morphologizer", "trainable_lemmatizer")
FEATURE_TOKENS = 3


class Recognised(NamedTuple):
    """A text's tokens, where each stands in it, and the entities among them."""

    words: list[str]
    starts: list[int]  # of each word, in characters
    spans: list[Span]
    leanings: list[Leaning]  # of each word; empty where the recogniser is of another kind
    vectors: Floats  # of each word, what the recogniser's network makes of it; empty where it is of another kind


def recognise(texts: Sequence[str], package: str) -> Iterator[Recognised]:
    """The tokens and entities of each text, by the pipeline of that package. Raises OSError when it is not
    installed.
    """
    model = _model(package)
    for at in range(0, len(texts), BATCH):
        batch = texts[at : at + BATCH]
        docs = [model.pipeline.make_doc(text) for text in batch]
        yield from map(_recognised, batch, docs, *model.decoded(docs))


def name_of(package: str) -> str:
    """What the pipeline of that package calls itself, and its version: "en core_web_sm 3.8.0"."""
    meta = _model(package).pipeline.meta
    return f"{meta['lang']} {meta['name']} {meta['version']}"


def _recognised(text: str, doc: Doc, decoded: Decoded, vectors: Floats) -> Recognised:
    places = doc.to_array(["IDX", "LENGTH"]).astype(int).reshape(-1, 2).tolist()
    return Recognised([text[at : at + length] for at, length in places], [at for at, _ in places], *decoded, vectors)


class _Blas(NumpyOps):  # type: ignore[misc]
    """thinc's operations, with numpy's product of matrices: more than twice as fast as that of blis."""

    name = "newsloom"

    def gemm(self, x: Any, y: Any, out: Any = None, trans1: bool = False, trans2: bool = False) -> Any:
        """x times y, each transposed where asked for."""
        return np.matmul(x.T if trans1 else x, y.T if trans2 else y, out=out)


class _Model:
    """A pipeline, and how its entities are found."""

    def __init__(self, package: str) -> None:
        self.pipeline = _loaded(package)
        recogniser: Any = self.pipeline.get_pipe("ner")
        self._recogniser = recogniser
        self._decoder = _decoder(self._recogniser) if self.pipeline.pipe_names == ["ner"] else None
        if self._decoder:
            for node in self._recogniser.model.walk():
                node.ops = _Blas()

    def decoded(self, docs: Sequence[Doc]) -> tuple[list[Decoded], list[Floats]]:
        """What is recognised in each document, and the vectors of its tokens."""
        if not self._decoder:
            spans = [[Span(each.start, each.end, each.label_) for each in self._piped(doc).ents] for doc in docs]
            return [Decoded(each, []) for each in spans], [np.zeros((0, 0), np.float32)] * len(docs)
        vectors = self._recogniser.model.get_ref("tok2vec").predict(docs)
        ends = np.cumsum([len(doc) for doc in docs])[:-1]
        spaces = [doc.to_array("IS_SPACE").astype(bool) for doc in docs]
        of_docs = np.split(vectors, ends)
        return [self._decoder.decode(*each) for each in zip(of_docs, spaces, strict=True)], of_docs

    def _piped(self, doc: Doc) -> Doc:
        for _, pipe in self.pipeline.pipeline:
            doc = pipe(doc)
        return doc


@cache
def _model(package: str) -> _Model:
    return _Model(package)


def _loaded(package: str) -> Language:
    """The pipeline without what its recogniser does not need: a shared tok2vec too, where it has its own."""
    pipeline = spacy.load(package, exclude=list(NOT_NEEDED))
    own = "listener" not in str(pipeline.config["components"]["ner"]["model"]["tok2vec"]).lower()
    return spacy.load(package, exclude=[*NOT_NEEDED, "tok2vec"]) if own else pipeline


def _decoder(recogniser: Any) -> Decoder | None:
    """None when this recogniser is of another kind."""
    model = recogniser.model
    if recogniser.cfg.get("beam_width", 1) != 1 or not model.has_ref("lower") or not model.has_ref("upper"):
        return None
    lower, upper = model.get_ref("lower"), model.get_ref("upper")
    if lower.get_dim("nF") != FEATURE_TOKENS or not upper.has_param("W"):
        return None
    bias = upper.get_param("b").copy()
    bias[[index for index, seen in enumerate(_seen(model, len(bias))) if not seen]] = -np.inf
    return Decoder(
        Weights(
            lower.get_param("W"),
            lower.get_param("pad")[0],
            lower.get_param("b"),
            upper.get_param("W"),
            bias,
            [recogniser.moves.get_class_name(index) for index in range(len(bias))],
        )
    )


def _seen(model: Any, moves: int) -> list[bool]:
    unseen = model.attrs.get("unseen_classes", ())
    return [index not in unseen for index in range(moves)]
