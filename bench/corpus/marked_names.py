"""Texts in which names are marked -> sentences with the places of their names, for training and for measuring.

Three forms are read: JSON lines of tokens and BIO tags (../shared/corpus/entities), IOB2 files of Universal NER,
CoNLL-U files of GUM; training/word_class_corpora.py reads a fourth. All types but PER, ORG and LOC count as no name.
Texts are read in place, none is kept.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

TYPES = ("PER", "ORG", "LOC")
GUM = {"person": "PER", "organization": "ORG", "place": "LOC"}
# of GUM, what its LICENSE.txt puts under CC BY or CC BY-SA
GUM_FREE = ("news", "bio", "interview", "voyage", "academic", "court", "speech")
PARTS, UNSEEN = 3, 0  # the last third is never learnt from
JOINING = frozenset(["of", "the", "for", "and", "de", "la", "du", "des", "del", "di", "da", "von", "van", "on"])
HEADLESS = frozenset(("place", "organization"))


class Marked(NamedTuple):
    """A sentence, where its tokens stand in it, and its names: start and end in characters, type."""

    text: str
    tokens: list[tuple[int, int]]
    names: frozenset[tuple[int, int, str]]


def read(path: Path) -> list[Marked]:
    """The sentences of a file, or of the free genres of a folder of GUM's CoNLL-U files."""
    if path.is_dir():
        files = [file for file in sorted(path.glob("GUM_*.conllu")) if file.name.split("_")[1] in GUM_FREE]
        return [each for file in files for each in _of_gum(file.read_text(encoding="utf-8"))]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        return [marked(" ".join(row["tokens"]), row["tokens"], row["tags"]) for row in rows]
    return list(_of_iob2(text))


def digest(sentences: Iterable[Marked]) -> str:
    """Of what a figure was measured on: 16 hexadecimal digits."""
    lines = (f"{each.text}\t{sorted(each.names)}" for each in sentences)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def part(sentence: Marked, parts: int) -> int:
    """Which of so many parts a sentence belongs to, by its hash: what is held out is held out in every run."""
    return int(hashlib.sha256(sentence.text.encode()).hexdigest()[:8], 16) % parts


def marked(text: str, tokens: Sequence[str], tags: Sequence[str]) -> Marked:
    """A sentence from its tokens and their tags."""
    places, at = [], 0
    for token in tokens:
        at = text.index(token, at)
        places.append((at, at + len(token)))
        at += len(token)
    found = ((places[start][0], places[end - 1][1], kind) for start, end, kind in _spans(tags))
    return Marked(text, places, frozenset(found))


def _spans(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    start = -1
    for at, tag in enumerate([*tags, "O"]):
        if start >= 0 and (tag[0] != "I" or tag[2:] != tags[start][2:]):
            yield start, at, tags[start][2:]
            start = -1
        if start < 0 and tag[2:] in TYPES:
            start = at


# --- Universal NER ---


def _of_iob2(file: str) -> Iterator[Marked]:
    for block in file.split("\n\n"):
        text = re.search(r"^# text = (.*)$", block, re.MULTILINE)
        rows = [line.split("\t") for line in block.splitlines() if line and not line.startswith("#")]
        if text and rows:
            yield marked(text[1], [row[1] for row in rows], [row[2] for row in rows])


# --- GUM: its entities are whole phrases of every kind; a name is the run of proper nouns that holds the phrase's
# head ---


class _Word(NamedTuple):
    form: str
    coarse: str
    fine: str
    head: int  # its number in the sentence, from 0; -1 for the root
    entity: str
    space: str

    @property
    def proper(self) -> bool:
        return self.coarse == "PROPN" or self.fine in ("NNP", "NNPS")

    @property
    def capital(self) -> bool:
        return self.form[0].isupper()


def _of_gum(file: str) -> Iterator[Marked]:
    open_: list[tuple[str, int]] = []
    for block in file.split("\n\n"):
        words = [_word(line) for line in block.splitlines() if re.match(r"\d+\t", line)]
        if words:
            text = "".join(word.form + word.space for word in words).rstrip()
            yield marked(text, [word.form for word in words], _tags(words, _phrases(words, open_)))


def _word(line: str) -> _Word:
    columns = line.split("\t")
    entity = re.search(r"(?:^|\|)Entity=([^|]*)", columns[9])
    space = "" if "SpaceAfter=No" in columns[9] else " "
    return _Word(columns[1], columns[3], columns[4], int(columns[6]) - 1, entity[1] if entity else "", space)


def _phrases(words: Sequence[_Word], open_: list[tuple[str, int]]) -> Iterator[tuple[int, int, str]]:
    """Start, end and type of each entity: "(3-place-...)" opens and closes, "(3-place-..." opens, "3)" closes."""
    open_.clear()
    for at, word in enumerate(words):
        for whole, opening, closing in re.findall(r"\(([^()]+)\)|\(([^()]+)|([^()]+)\)", word.entity):
            if whole:
                yield at, at + 1, whole.split("-")[1]
            elif opening:
                open_.append((opening, at))
            else:
                yield from _closed(open_, closing, at + 1)


def _closed(open_: list[tuple[str, int]], closing: str, end: int) -> Iterator[tuple[int, int, str]]:
    for index in reversed(range(len(open_))):
        opening, start = open_[index]
        if opening.split("-")[0] == closing.split("-", maxsplit=1)[0]:
            del open_[index]
            yield start, end, opening.split("-")[1]
            return


def _tags(words: Sequence[_Word], phrases: Iterable[tuple[int, int, str]]) -> list[str]:
    tags = ["O"] * len(words)
    named = [(_name(words, start, end, kind), kind) for start, end, kind in phrases if kind in GUM]
    for (start, end), kind in sorted(named, key=lambda each: each[0][0] - each[0][1]):
        if end > start and all(tag == "O" for tag in tags[start:end]):
            tags[start:end] = [f"B-{GUM[kind]}", *[f"I-{GUM[kind]}"] * (end - start - 1)]
    return tags


def _name(words: Sequence[_Word], start: int, end: int, kind: str) -> tuple[int, int]:
    heads = [at for at in range(start, end) if not start <= words[at].head < end and words[at].coarse != "PUNCT"]
    for run in _runs(words, start, end, kind):
        if any(run[0] <= head < run[1] for head in heads):
            return run
        beside = any(run[1] <= head <= run[1] + 1 and not words[head].capital for head in heads)
        if beside and kind in HEADLESS and run[0] == start + (words[start].coarse == "DET"):
            return run
    return start, start


def _runs(words: Sequence[_Word], start: int, end: int, kind: str) -> Iterator[tuple[int, int]]:
    at = start
    while at < end:
        stop = at + 1
        if not (words[at].proper and words[at].capital):
            at = stop
            continue
        while stop < end and _goes_on(words[stop], kind):
            stop += 1
        while not (words[stop - 1].proper or (words[stop - 1].capital and words[stop - 1].coarse != "PUNCT")):
            stop -= 1
        yield at, stop
        at = stop


def _goes_on(word: _Word, kind: str) -> bool:
    joins = word.form.lower() in JOINING and kind != "person"
    return word.proper or word.capital or word.form in ("-", "&", "’", "'", ".") or joins
