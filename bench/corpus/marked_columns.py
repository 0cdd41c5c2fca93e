"""Sentences in which people marked the names, from files with a word and its tag on each line.

In: a file, and which columns have the word and the tag. Out: MarkedSentence, with the text spaced as texts are. Tags
are IOB or IOB2 with the classes of TYPE_OF_CLASS; every other class is no name. Texts are read where they are.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.corpus.marked_names import MarkedSentence, build_sentence

TYPE_OF_CLASS = {
    **dict.fromkeys(("PER", "PERS", "PERSON"), "PER"),
    **dict.fromkeys(("ORG", "ORGANIZATION"), "ORG"),
    **dict.fromkeys(("LOC", "LOCATION", "GPE", "FAC"), "LOC"),
}
NO_SPACE_BEFORE = re.compile(r"[,.;:!?)\]%”»…।]+|['’](s|S|re|ve|ll|d|m|t)?|n['’]t")
NO_SPACE_BEHIND = frozenset("([$“‘#£€«„")
ENDS_WITH_APOSTROPHE = re.compile(r"\w+['’]")


def read_columns(path: Path, word: int, tag: int, separator: str | None = None) -> list[MarkedSentence]:
    """The sentences of a file, whose `word`-th and `tag`-th columns (from 0; -1 is the last) have word and tag.

    Raises OSError.
    """
    text = path.read_text(encoding="utf-8-sig")
    return [_build(rows) for block in re.split(r"\n\s*\n", text) if (rows := list(_rows(block, word, tag, separator)))]


def _rows(block: str, word: int, tag: int, separator: str | None) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        columns = line.split(separator)
        if len(columns) >= 2 and not line.startswith("#") and "DOCSTART" not in line and columns[word].strip():
            kind, _, name = columns[tag].strip().partition("-")
            known = TYPE_OF_CLASS.get(name)
            yield columns[word].strip(), f"{kind}-{known}" if known else "O"


def _build(rows: Sequence[tuple[str, str]]) -> MarkedSentence:
    tokens = [token for token, _ in rows]
    return build_sentence(join_tokens(tokens), tokens, [tag for _, tag in rows])


def join_tokens(tokens: Sequence[str]) -> str:
    """The tokens as a text, with spaces between them where a text has some."""
    text, glued, quoted = "", True, False
    for each in tokens:
        quote = each == '"'
        text += each if glued or (quote and quoted) or NO_SPACE_BEFORE.fullmatch(each) else f" {each}"
        glued = each in NO_SPACE_BEHIND or (quote and not quoted) or ENDS_WITH_APOSTROPHE.fullmatch(each) is not None
        quoted ^= quote
    return text
