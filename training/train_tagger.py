"""Learns enrich/entities/tagger.json and enrich/entities/word_pieces.tsv anew: `python -m training.train_tagger CORPUS
MODEL FILE_OR_FOLDER... [--measure FILE_OR_FOLDER...]`, ten minutes.

CORPUS is ../shared/corpus; MODEL the folder of training/language_model_vectors.py; the others are what is free beside
the corpus: Universal NER's English EWT (CC BY-SA 4.0, github.com/UniversalNER/UNER_English-EWT: dev and test, and train
as it was in the repository's first commit, 0c7ce0d), GUM's `dep` folder (annotations CC BY 4.0, texts of the genres
that are read CC BY or CC BY-SA; github.com/amir-zeldes/gum) and CrossNER's `ner_data` (MIT, of which conll2003 is left
out; github.com/zliucr/CrossNER). `processed_annotated` of the English Worldwide Newswire
(github.com/stanfordnlp/en-worldwide-newswire) can be read too, but has no licence: it is measured with, not learnt from
(docs/decisions/0016). Texts are read in place; the weights alone are written.

Of the corpus only two thirds of wikigold are learnt, chosen by the sentences' hashes: uner_pud_news and the last
third stay unseen, so what bench/entities.py measures on them is to be believed. Settings were chosen with --measure:
then what stands behind it and the second third of wikigold are measured, not learnt, and nothing is written.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.corpus.marked_names import PARTS, UNSEEN, Marked, part, read
from bench.entities import PACKAGE, score
from enrich import gazetteer
from enrich.entities import mentions, tagger, tagger_features, word_pieces
from enrich.entities.recogniser import name_of, recognise
from training import language_model_vectors, word_class_corpora
from training.tagger_learner import Learner, Lesson

LEARNT = "wikigold"
MEASURED = 1  # the third of it that --measure leaves out
MEASURE = "--measure"
TOO_LONG = 14  # a run of so many words is a table
HEADLINE = range(4, 15)  # words
ONE_OF = 4  # short sentences is learnt as a headline too
SMALL = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
LOWER = re.compile(r"(?<![\w'’])[a-z]\w*")
ABOUT = (
    "A chain over words that may be names, learnt by training/train_tagger.py. "
    "Of each feature, for each tag the weight."
)
ABOUT_PIECES = """\
# What pieces of words say of names: 32 sums of the word vectors of all-MiniLM-L6-v2 (sentence-transformers,
# Apache-2.0), learnt by training/train_tagger.py. A piece ("##": it goes on with a word), and base64 of whole numbers
# of 8 bits.
"""


def sentences(path: Path) -> list[Marked]:
    """Those of a file or a folder of any form."""
    files = word_class_corpora.files(path) if path.is_dir() else []
    return [each for file in files for each in word_class_corpora.read(file)] or read(path)


def headlines(marked: Sequence[Marked]) -> list[Marked]:
    """Some short sentences as headlines are written: few sets have any, and there every word may begin a name."""
    short = (each for each in marked if len(each.tokens) in HEADLINE and part(each, ONE_OF) == 0)
    return [each._replace(text=LOWER.sub(_capital, each.text)) for each in short]


def _capital(word: re.Match[str]) -> str:
    return word[0] if word[0] in SMALL else word[0][0].upper() + word[0][1:]


def lessons(marked: Sequence[Marked]) -> Iterator[Lesson]:
    """The runs of the sentences with their true tags."""
    known, around = gazetteer.phrases("en"), gazetteer.words()
    recognised = recognise([each.text for each in marked], PACKAGE)
    for sentence, text in zip(marked, recognised, strict=True):
        tags = _tags(text.words, text.starts, sentence)
        for run in tagger_features.runs(text, known, around):
            if run.end - run.start <= TOO_LONG:
                yield Lesson(run, _begun(tags[run.start : run.end]), text.words, text.vectors)


def _tags(words: Sequence[str], starts: Sequence[int], sentence: Marked) -> list[int]:
    tags = [tagger.OUTSIDE] * len(words)
    for start, end, kind in sentence.names:
        inside = [at for at, begin in enumerate(starts) if begin < end and begin + len(words[at]) > start]
        for at in inside:
            tags[at] = tagger.TAGS.index(f"{'B' if at == inside[0] else 'I'}-{kind}")
    return tags


def _begun(tags: list[int]) -> list[int]:
    """The tags of a part of a sentence: what goes on at its beginning begins there."""
    for at, tag in enumerate(tags):
        if not tagger.ALLOWED[tags[at - 1] if at else tagger.OUTSIDE, tag]:
            tags[at] = tag - 1
    return tags


def measure(sets: Mapping[str, Sequence[Marked]], weights: tagger.Weights) -> None:
    """Prints the figures of each."""
    for name, marked in sets.items():
        texts = recognise([each.text for each in marked], PACKAGE)
        found = [{tuple(each) for each in mentions.of_model(text, weights)} for text in texts]
        print(f"{name}, not learnt: {score(marked, found)}", flush=True)


def write(learner: Learner, layer: tagger.Layer, table: Mapping[str, Any]) -> None:
    """The files of enrich."""
    numbers = np.concatenate([each.ravel() for each in (layer.inputs, layer.bias, layer.outputs)]).astype(np.float16)
    about = {
        "about": ABOUT,
        "over": name_of(PACKAGE),
        "tags": tagger.TAGS,
        "pairs": learner.pairs(),
        "layer": {"units": len(layer.bias), "weights": base64.b64encode(numbers.tobytes()).decode()},
    }
    rows = ",\n".join(f"  {json.dumps(n, ensure_ascii=False)}: {json.dumps(r)}" for n, r in learner.features().items())
    head = json.dumps(about, ensure_ascii=False)[1:-1]
    tagger.FILE.write_text(f'{{{head},\n "features": {{\n{rows}\n}}}}\n', encoding="utf-8")
    codes = {piece: row.tobytes() for piece, row in table.items()}
    word_pieces.FILE.write_text(word_pieces.written(ABOUT_PIECES, codes), encoding="utf-8")
    for file in (tagger.FILE, word_pieces.FILE):
        print(f"{file.name}: {file.stat().st_size / 1024:.0f} KiB")


def main() -> None:
    """Learns, and measures or writes."""
    at = sys.argv.index(MEASURE) if MEASURE in sys.argv else len(sys.argv)
    corpus, model, *others = (Path(each) for each in sys.argv[1:at])
    held_out = {each: sentences(Path(each)) for each in sys.argv[at + 1 :]}
    known = [each for each in read(corpus / "entities" / f"{LEARNT}.jsonl") if part(each, PARTS) != UNSEEN]
    if at < len(sys.argv):
        held_out[LEARNT] = [each for each in known if part(each, PARTS) == MEASURED]
    learnt = [each for path in others for each in sentences(path)]
    learnt += [each for each in known if not held_out or part(each, PARTS) != MEASURED]
    learner = Learner(list(lessons([*learnt, *headlines(learnt)])), language_model_vectors.read(model))
    weights, layer, table = learner.learn()
    measure(held_out, weights)
    if not held_out:
        write(learner, layer, table)


if __name__ == "__main__":
    main()
