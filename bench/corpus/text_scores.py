"""How well the texts of pages were found: precision and recall of word 4-grams, and the worst pages with their cause.

In: texts as they were read and as they should be, paragraphs separated by "\\n". Out: scores, and lines to print.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ingest.markup import remove_invisible_characters

WORDS = re.compile(r"\w+")
WORST = 10  # pages that are named
FAR_BELOW = 0.15  # of F1: a page that another reader reads so much better


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text's words; a shorter text is one gram."""
    words = WORDS.findall(text)
    return Counter(tuple(words[start : start + 4]) for start in range(max(1, len(words) - 3))) if words else Counter()


def precision_recall(found: str, truth: str) -> tuple[float, float]:
    """Precision and recall of one page's text; an empty text for a page without text is right."""
    first, second = shingles(remove_invisible_characters(found)), shingles(truth)
    common = sum((first & second).values())
    precision = common / sum(first.values()) if first else float(not second)
    return precision, common / sum(second.values()) if second else 1.0


def f1_score(precision: float, recall: float) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class ReadText:
    """The text of a page: as it was read, as it should be, as another reader reads it; and where it was found."""

    url: str
    text: str
    truth: str
    other: str
    source: str = "blocks"

    @cached_property
    def f1(self) -> float:
        """Of the text that was read."""
        return f1_score(*precision_recall(self.text, self.truth))

    @cached_property
    def other_f1(self) -> float:
        """Of the other reader's."""
        return f1_score(*precision_recall(self.other, self.truth))

    def __str__(self) -> str:
        return f"    F1 {self.f1:.3f} ({self.other_f1:.3f}) {self.url[:80]}: {self.cause()}"

    def cause(self) -> str:
        """What is missing, and what is too much: words, lines, and the longest of these lines."""
        missing, extra = _lines_without(self.truth, self.text), _lines_without(self.text, self.truth)
        parts = (("missing", missing), ("too much", extra))
        told = [f"{name} {_tell(lines)}" for name, lines in sorted(parts, key=lambda each: -_words(each[1])) if lines]
        return f"from {self.source}: {'; '.join(told) or 'only words within lines'}"


def worst(texts: Iterable[ReadText], most: int = WORST) -> list[ReadText]:
    """The pages with the lowest F1."""
    return sorted(texts, key=lambda each: each.f1)[:most]


def most_below(texts: Iterable[ReadText], most: int = WORST) -> list[ReadText]:
    """The pages that the other reader reads better, those with the largest difference first."""
    below = [each for each in texts if each.f1 < each.other_f1]
    return sorted(below, key=lambda each: each.f1 - each.other_f1)[:most]


def format_worst(texts: list[ReadText]) -> str:
    """The worst pages, and those that are most below the other reader, with the causes."""
    below = most_below(texts)
    far = sum(each.other_f1 - each.f1 > FAR_BELOW for each in below)
    return "\n".join(
        (
            "  the worst pages (trafilatura's F1 in brackets), and why:",
            *map(str, worst(texts)),
            f"  most below trafilatura ({far} by more than {FAR_BELOW}), and why:",
            *map(str, below),
        )
    )


def _lines_without(text: str, other: str) -> list[str]:
    """The lines of a text most of whose words the other one does not say in their order."""
    known = shingles(other)
    lines = {" ".join(WORDS.findall(line)) for line in other.split("\n")}
    return [line for line in text.split("\n") if line.strip() and not _is_said(line, known, lines)]


def _is_said(line: str, known: Counter[tuple[str, ...]], lines: set[str]) -> bool:
    words = WORDS.findall(line)
    own = shingles(line)
    if len(words) < 4:
        return " ".join(words) in lines
    return sum(gram in known for gram in own) > len(own) / 2


def _words(lines: list[str]) -> int:
    return sum(len(WORDS.findall(line)) for line in lines)


def _tell(lines: list[str]) -> str:
    return f"{_words(lines)} words in {len(lines)} lines, such as {max(lines, key=len)[:50]!r}"
