"""Files with a word and its class on each line -> sentences with the places of their names.

Two collections have this form: the English Worldwide Newswire (a folder of .tsv, one for each article) and CrossNER
(a folder of domains, each with train.txt, dev.txt and test.txt). Of their classes those count that are persons,
organisations and places in Universal NER's sense: a people, an event, a prize or an album is none.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.corpus.marked_names import Marked, marked

CLASSES = {
    **dict.fromkeys(("Person", "person", "politician", "writer", "musicalartist", "scientist", "researcher"), "PER"),
    **dict.fromkeys(("Organization", "organisation", "politicalparty", "band", "university"), "ORG"),
    **dict.fromkeys(("Location", "Facility", "location", "country"), "LOC"),
}
PARTS = ("train.txt", "dev.txt", "test.txt")
NO_BLANK_BEFORE = re.compile(r"[,.;:!?)\]%”]|['’](s|S|re|ve|ll|d|m|t)?|n['’]t")
NO_BLANK_BEHIND = frozenset("([$“‘#£€")
ARTICLES = frozenset(("the", "a", "an"))
POSSESSIVES = frozenset(("'s", "’s", "'", "’"))


def files(folder: Path) -> list[Path]:
    """The files of such a folder; none of another. CrossNER's copy of CoNLL-2003 is not free and is left out."""
    domains = (path for part in PARTS for path in sorted(folder.glob(f"*/{part}")))
    return sorted(folder.glob("*.tsv")) or [path for path in domains if path.parent.name != "conll2003"]


def read(path: Path) -> list[Marked]:
    """The sentences of a file. Half of the files are written as texts are, half with a blank before every token."""
    natural = int(hashlib.sha256(path.name.encode()).hexdigest()[:8], 16) % 2 == 0
    rows = list(_rows(path.read_text(encoding="utf-8")))
    if path.suffix != ".tsv":
        return [_marked(row, at % 2 == 0) for at, row in enumerate(rows)]
    return [_marked(row, natural) for row in rows if len(row) > 1 and not row[0][0].startswith("http")]


def _rows(text: str) -> Iterator[list[tuple[str, str]]]:
    for block in re.split(r"\n\s*\n", text):
        lines = (line.split("\t" if "\t" in line else " ") for line in block.splitlines())
        row = [(line[0].strip(), line[1].strip()) for line in lines if len(line) > 1 and line[0].strip()]
        if row:
            yield row


def _marked(row: Sequence[tuple[str, str]], natural: bool) -> Marked:
    tokens = [token for token, _ in row]
    tags = [f"{tag[0]}-{CLASSES[tag[2:]]}" if tag[2:] in CLASSES else "O" for _, tag in row]
    for at, token in enumerate(tokens[:-1]):
        if tags[at][0] == "B" and token.lower() in ARTICLES and tags[at + 1][0] == "I":
            tags[at], tags[at + 1] = "O", f"B{tags[at + 1][1:]}"
    for at in reversed(range(len(tags))):
        if tokens[at] in POSSESSIVES and (at + 1 == len(tags) or tags[at + 1][0] != "I"):
            tags[at] = "O"
    return marked(_joined(tokens) if natural else " ".join(tokens), tokens, tags)


def _joined(tokens: Sequence[str]) -> str:
    """The tokens with blanks between them where a text has some."""
    text, glued, quoted = "", True, False
    for each in tokens:
        quote = each == '"'
        text += each if glued or (quote and quoted) or NO_BLANK_BEFORE.fullmatch(each) else f" {each}"
        glued = each in NO_BLANK_BEHIND or (quote and not quoted)
        quoted ^= quote
    return text
