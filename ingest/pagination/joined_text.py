"""Joined text: appends the text of an article's further page to what was read so far. Pure.

In: two texts, paragraphs separated by "\\n". Out: one text in which nothing is said twice that sites repeat on each
page: the headline, the standfirst, the note about the author.
"""

from pipeline.combining_marks import WORD

FEWEST_WORDS_UNIQUE = 5  # of a paragraph that is dropped wherever it was read before; "No." may be said twice


def join_texts(so_far: str, further: str) -> str | None:
    """Both texts as one; None where the further one says nothing new.

    What both end with stays at the end alone.
    """
    before, behind = so_far.split("\n"), further.split("\n")
    known = {_key(line) for line in before}
    if all(_key(line) in known for line in behind):
        return None
    end = _common_end(before, behind)
    new = behind[_common_beginning(behind, known) : len(behind) - end]
    kept = [line for line in new if _key(line) not in known or len(WORD.findall(line)) < FEWEST_WORDS_UNIQUE]
    return "\n".join((*before[: len(before) - end], *kept, *behind[len(behind) - end :]))


def _key(line: str) -> str:
    return " ".join(WORD.findall(line.casefold()))


def _common_beginning(lines: list[str], known: set[str]) -> int:
    """How many lines at the beginning were read before."""
    return next((at for at, line in enumerate(lines) if _key(line) not in known), len(lines))


def _common_end(first: list[str], second: list[str]) -> int:
    """How many lines at the end both have in common; never all lines of the first one."""
    pairs = list(zip(reversed(first[1:]), reversed(second), strict=False))
    return next((at for at, (one, other) in enumerate(pairs) if _key(one) != _key(other)), len(pairs))
