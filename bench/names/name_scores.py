"""Name scores: F1 of the names that were found in sentences in which people marked the names. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bench.corpus.marked_names import TYPES, MarkedSentence

NameSpans = set[tuple[Any, ...]]


class NameScores(NamedTuple):
    """F1 of names with their type, and F1, precision and recall of names without it."""

    typed: float
    span: float
    precision: float
    recall: float

    def __str__(self) -> str:
        return (
            f"typed {self.typed:.4f}, span {self.span:.4f} (precision {self.precision:.3f}, recall {self.recall:.3f})"
        )


def score_names(sentences: Sequence[MarkedSentence], found: Sequence[NameSpans]) -> NameScores:
    """The scores of the names that were found in each sentence: start and end in characters, and type.

    Types other than PER, ORG and LOC don't count.
    """
    named = [{each for each in names if each[2] in TYPES} for names in found]
    right = sum(len(names & each.names) for names, each in zip(named, sentences, strict=True))
    pairs = [
        ({n[:2] for n in names}, {n[:2] for n in each.names}) for names, each in zip(named, sentences, strict=True)
    ]
    spans = sum(len(ours & theirs) for ours, theirs in pairs)
    ours, theirs = sum(len(names) for names in named), sum(len(each.names) for each in sentences)
    both = max(1, ours + theirs)
    return NameScores(2 * right / both, 2 * spans / both, spans / max(1, ours), spans / max(1, theirs))
