"""Sentences in which people marked the names (gold standard), for training the tagger and for measuring named entities.

In: files or folders in one of three forms: JSON lines of tokens and BIO tags (../shared/corpus/entities), IOB2 files of
Universal NER, CoNLL-U files of GUM; training/word_class_corpora.py reads a fourth. Out: MarkedSentence. All types but
PER, ORG and LOC count as no name. Texts are read where they are and not copied.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

TYPES = ("PER", "ORG", "LOC")
GUM_TYPES = {"person": "PER", "organization": "ORG", "place": "LOC"}
# the genres of GUM that its LICENSE.txt puts under CC BY or CC BY-SA
GUM_FREE_GENRES = ("news", "bio", "interview", "voyage", "academic", "court", "speech")
PARTS, UNSEEN_PART = 3, 0  # this third is never trained on
JOINING_WORDS = frozenset(["of", "the", "for", "and", "de", "la", "du", "des", "del", "di", "da", "von", "van", "on"])
KINDS_WITH_COMMON_HEAD = frozenset(("place", "organization"))


class MarkedSentence(NamedTuple):
    """A sentence, where its tokens stand in it (start and end in characters), and its names: start, end, type."""

    text: str
    tokens: list[tuple[int, int]]
    names: frozenset[tuple[int, int, str]]


def read_marked(path: Path) -> list[MarkedSentence]:
    """The sentences of a file, or of the free genres in a folder of GUM's CoNLL-U files. Raises OSError."""
    if path.is_dir():
        files = [file for file in sorted(path.glob("GUM_*.conllu")) if file.name.split("_")[1] in GUM_FREE_GENRES]
        return [each for file in files for each in _read_gum(file.read_text(encoding="utf-8"))]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        rows = [json.loads(line) for line in text.splitlines()]
        return [build_sentence(" ".join(row["tokens"]), row["tokens"], row["tags"]) for row in rows]
    return list(_read_iob2(text))


def digest(sentences: Iterable[MarkedSentence]) -> str:
    """16 hexadecimal digits that change with the sentences: printed beside the figures measured on them."""
    lines = (f"{each.text}\t{sorted(each.names)}" for each in sentences)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def hash_part(sentence: MarkedSentence, parts: int) -> int:
    """Which of so many parts a sentence belongs to, by its hash: the same sentences are held out in every run."""
    return int(hashlib.sha256(sentence.text.encode()).hexdigest()[:8], 16) % parts


def build_sentence(text: str, tokens: Sequence[str], tags: Sequence[str]) -> MarkedSentence:
    """A marked sentence from its text, its tokens and their BIO tags."""
    places, at = [], 0
    for token in tokens:
        at = text.index(token, at)
        places.append((at, at + len(token)))
        at += len(token)
    found = ((places[start][0], places[end - 1][1], kind) for start, end, kind in _spans_of_tags(tags))
    return MarkedSentence(text, places, frozenset(found))


def _spans_of_tags(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    start = -1
    for at, tag in enumerate([*tags, "O"]):
        if start >= 0 and (tag[0] != "I" or tag[2:] != tags[start][2:]):
            yield start, at, tags[start][2:]
            start = -1
        if start < 0 and tag[2:] in TYPES:
            start = at


# --- Universal NER ---


def _read_iob2(file: str) -> Iterator[MarkedSentence]:
    for block in file.split("\n\n"):
        text = re.search(r"^# text = (.*)$", block, re.MULTILINE)
        rows = [line.split("\t") for line in block.splitlines() if line and not line.startswith("#")]
        if text and rows:
            yield build_sentence(text[1], [row[1] for row in rows], [row[2] for row in rows])


# --- GUM: its entities are whole phrases; the name in one is the run of proper nouns that has the phrase's head ---


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


def _read_gum(file: str) -> Iterator[MarkedSentence]:
    open_: list[tuple[str, int]] = []
    for block in file.split("\n\n"):
        words = [_parse_word(line) for line in block.splitlines() if re.match(r"\d+\t", line)]
        if words:
            text = "".join(word.form + word.space for word in words).rstrip()
            yield build_sentence(text, [word.form for word in words], _name_tags(words, _entity_phrases(words, open_)))


def _parse_word(line: str) -> _Word:
    columns = line.split("\t")
    entity = re.search(r"(?:^|\|)Entity=([^|]*)", columns[9])
    space = "" if "SpaceAfter=No" in columns[9] else " "
    return _Word(columns[1], columns[3], columns[4], int(columns[6]) - 1, entity[1] if entity else "", space)


def _entity_phrases(words: Sequence[_Word], open_: list[tuple[str, int]]) -> Iterator[tuple[int, int, str]]:
    """Start, end and type of each entity: "(3-place-...)" opens and closes, "(3-place-..." opens, "3)" closes."""
    open_.clear()
    for at, word in enumerate(words):
        for whole, opening, closing in re.findall(r"\(([^()]+)\)|\(([^()]+)|([^()]+)\)", word.entity):
            if whole:
                yield at, at + 1, whole.split("-")[1]
            elif opening:
                open_.append((opening, at))
            else:
                yield from _close_phrase(open_, closing, at + 1)


def _close_phrase(open_: list[tuple[str, int]], closing: str, end: int) -> Iterator[tuple[int, int, str]]:
    for index in reversed(range(len(open_))):
        opening, start = open_[index]
        if opening.split("-")[0] == closing.split("-", maxsplit=1)[0]:
            del open_[index]
            yield start, end, opening.split("-")[1]
            return


def _name_tags(words: Sequence[_Word], phrases: Iterable[tuple[int, int, str]]) -> list[str]:
    tags = ["O"] * len(words)
    named = [(_name_in_phrase(words, start, end, kind), kind) for start, end, kind in phrases if kind in GUM_TYPES]
    for (start, end), kind in sorted(named, key=lambda each: each[0][0] - each[0][1]):
        if end > start and all(tag == "O" for tag in tags[start:end]):
            tags[start:end] = [f"B-{GUM_TYPES[kind]}", *[f"I-{GUM_TYPES[kind]}"] * (end - start - 1)]
    return tags


def _name_in_phrase(words: Sequence[_Word], start: int, end: int, kind: str) -> tuple[int, int]:
    heads = [at for at in range(start, end) if not start <= words[at].head < end and words[at].coarse != "PUNCT"]
    for run in _proper_noun_runs(words, start, end, kind):
        if any(run[0] <= head < run[1] for head in heads):
            return run
        beside = any(run[1] <= head <= run[1] + 1 and not words[head].capital for head in heads)
        if beside and kind in KINDS_WITH_COMMON_HEAD and run[0] == start + (words[start].coarse == "DET"):
            return run
    return start, start


def _proper_noun_runs(words: Sequence[_Word], start: int, end: int, kind: str) -> Iterator[tuple[int, int]]:
    at = start
    while at < end:
        stop = at + 1
        if not (words[at].proper and words[at].capital):
            at = stop
            continue
        while stop < end and _continues_name(words[stop], kind):
            stop += 1
        while not (words[stop - 1].proper or (words[stop - 1].capital and words[stop - 1].coarse != "PUNCT")):
            stop -= 1
        yield at, stop
        at = stop


def _continues_name(word: _Word, kind: str) -> bool:
    joins = word.form.lower() in JOINING_WORDS and kind != "person"
    return word.proper or word.capital or word.form in ("-", "&", "’", "'", ".") or joins
