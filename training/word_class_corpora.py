"""Reads corpora with a word and its class on each line, as sentences with marked names, for training the tagger.

Two corpora have this form: the English Worldwide Newswire (a folder of .tsv files, one for each article) and CrossNER
(a folder of domains, each with train.txt, dev.txt and test.txt). Only the classes count that are persons, organisations
and places in Universal NER's sense: a people, an event, a prize or an album is no name.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.corpus.marked_names import MarkedSentence, build_sentence

TYPE_OF_CLASS = {
    **dict.fromkeys(("Person", "person", "politician", "writer", "musicalartist", "scientist", "researcher"), "PER"),
    **dict.fromkeys(("Organization", "organisation", "politicalparty", "band", "university"), "ORG"),
    **dict.fromkeys(("Location", "Facility", "location", "country"), "LOC"),
}
CROSSNER_FILES = ("train.txt", "dev.txt", "test.txt")
NO_SPACE_BEFORE = re.compile(r"[,.;:!?)\]%”]|['’](s|S|re|ve|ll|d|m|t)?|n['’]t")
NO_SPACE_BEHIND = frozenset("([$“‘#£€")
ARTICLES = frozenset(("the", "a", "an"))
POSSESSIVES = frozenset(("'s", "’s", "'", "’"))


def find_files(folder: Path) -> list[Path]:
    """The files of a folder of this form, else none. CrossNER's copy of CoNLL-2003 is left out, for it is not free."""
    domains = (path for part in CROSSNER_FILES for path in sorted(folder.glob(f"*/{part}")))
    return sorted(folder.glob("*.tsv")) or [path for path in domains if path.parent.name != "conll2003"]


def read_sentences(path: Path) -> list[MarkedSentence]:
    """The sentences of a file: half of them spaced as texts are, half with a space before every token."""
    natural_spacing = int(hashlib.sha256(path.name.encode()).hexdigest()[:8], 16) % 2 == 0
    rows = list(_token_rows(path.read_text(encoding="utf-8")))
    if path.suffix != ".tsv":
        return [_sentence_of_row(row, at % 2 == 0) for at, row in enumerate(rows)]
    return [_sentence_of_row(row, natural_spacing) for row in rows if len(row) > 1 and not row[0][0].startswith("http")]


def _token_rows(text: str) -> Iterator[list[tuple[str, str]]]:
    for block in re.split(r"\n\s*\n", text):
        lines = (line.split("\t" if "\t" in line else " ") for line in block.splitlines())
        row = [(line[0].strip(), line[1].strip()) for line in lines if len(line) > 1 and line[0].strip()]
        if row:
            yield row


def _sentence_of_row(row: Sequence[tuple[str, str]], natural_spacing: bool) -> MarkedSentence:
    tokens = [token for token, _ in row]
    tags = [f"{tag[0]}-{TYPE_OF_CLASS[tag[2:]]}" if tag[2:] in TYPE_OF_CLASS else "O" for _, tag in row]
    for at, token in enumerate(tokens[:-1]):
        if tags[at][0] == "B" and token.lower() in ARTICLES and tags[at + 1][0] == "I":
            tags[at], tags[at + 1] = "O", f"B{tags[at + 1][1:]}"
    for at in reversed(range(len(tags))):
        if tokens[at] in POSSESSIVES and (at + 1 == len(tags) or tags[at + 1][0] != "I"):
            tags[at] = "O"
    return build_sentence(_join_tokens(tokens) if natural_spacing else " ".join(tokens), tokens, tags)


def _join_tokens(tokens: Sequence[str]) -> str:
    """The tokens as a text, with spaces between them where a text has some."""
    text, glued, quoted = "", True, False
    for each in tokens:
        quote = each == '"'
        text += each if glued or (quote and quoted) or NO_SPACE_BEFORE.fullmatch(each) else f" {each}"
        glued = each in NO_SPACE_BEHIND or (quote and not quoted)
        quoted ^= quote
    return text
