"""Sentences in which people marked the names, from files that mark them in the text itself, and with case endings.

In: files of the Japanese ner-wikipedia-dataset, of the Urdu UNER dataset and of the Turkish Wiki NER dataset. Out:
MarkedSentence. Texts are read where they are.
"""

import json
import re
from pathlib import Path

from bench.corpus.marked_columns import TYPE_OF_CLASS, read_columns
from bench.corpus.marked_names import MarkedSentence

JAPANESE_TYPES = {
    "人名": "PER",
    **dict.fromkeys(("法人名", "政治的組織名", "その他の組織名"), "ORG"),
    **dict.fromkeys(("地名", "施設名"), "LOC"),
}
APOSTROPHE = re.compile(r"['’]\w*$")
MARKUP = re.compile(r"<(/?)([A-Z]+)>")


def read_japanese(path: Path) -> list[MarkedSentence]:
    """The sentences of ner-wikipedia-dataset."""
    return [
        MarkedSentence(
            row["text"],
            [(at, at + 1) for at in range(len(row["text"]))],
            frozenset(
                (*each["span"], JAPANESE_TYPES[each["type"]])
                for each in row["entities"]
                if each["type"] in JAPANESE_TYPES
            ),
        )
        for row in json.loads(path.read_text(encoding="utf-8"))
    ]


def read_turkish(path: Path) -> list[MarkedSentence]:
    """The sentences of the Turkish Wiki NER dataset, whose names have their case endings: they are cut off."""
    return [_without_endings(each) for each in read_columns(path, 0, 1)]


def _without_endings(sentence: MarkedSentence) -> MarkedSentence:
    names = ((start, end, kind, APOSTROPHE.search(sentence.text[start:end])) for start, end, kind in sentence.names)
    return sentence._replace(
        names=frozenset((start, start + cut.start() if cut else end, kind) for start, end, kind, cut in names)
    )


def read_urdu(path: Path) -> list[MarkedSentence]:
    """The sentences of the Urdu UNER dataset: one on each line, with marks such as "<PERSON>...</PERSON>"."""
    lines = path.read_text(encoding="utf-16").splitlines()
    return [_without_markup(line.strip()) for line in lines if line.strip()]


def _without_markup(line: str) -> MarkedSentence:
    text, at, begin, names = "", 0, 0, set()
    for mark in MARKUP.finditer(line):
        text, at = text + line[at : mark.start()], mark.end()
        kind = TYPE_OF_CLASS.get(mark[2])
        if not mark[1]:
            begin = len(text)
        elif kind and text[begin:].strip():
            names.add((begin, len(text.rstrip()), kind))
    text += line[at:]
    return MarkedSentence(text, [(match.start(), match.end()) for match in re.finditer(r"\S+", text)], frozenset(names))
