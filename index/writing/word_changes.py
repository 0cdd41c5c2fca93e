"""Which words of a text were removed and added, from one revision to the next. Pure.

In: two texts. Out: the changes in their order, and the same for people in the notation of `git diff --word-diff`:
"would cost [-eleven-] {+twelve+} million". The work is bounded: what lies between the first and the last difference is
compared word by word (difflib, Ratcliff and Obershelp) where it is short, and as a whole where it is not, or where few
words come again and again.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# a word is what stands between white space; of scripts that have none (Thai, Lao, Kana, Han) each character
UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
BETWEEN_UNSPACED = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")
MOST_COMPARED = 2_000  # words of either text between the first and the last difference
# pairs of equal words between them: difflib looks at each again and again, for a third of a second at worst. Of 1,000
# words of English that differ everywhere there are some 10,000
MOST_PAIRS = 20_000
CONTEXT = 4  # words before and after a change
MOST_SHOWN = 60  # words of one change, and ...
MOST_CHANGES = 40  # ... changes that are told


@dataclass(frozen=True, slots=True)
class WordChange:
    """At word `start` of the earlier text: the words that were removed, and those that came in their place."""

    start: int
    removed: tuple[str, ...]
    added: tuple[str, ...]


def split_words(text: str) -> list[str]:
    """The words of a text."""
    return WORD.findall(text)


def word_changes(before: Sequence[str], after: Sequence[str]) -> list[WordChange]:
    """What makes the words of one text those of the other; none where they are the same."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    if not old and not new:
        return []
    if not old or not new or max(len(old), len(new)) > MOST_COMPARED or _pairs(old, new) > MOST_PAIRS:
        return [WordChange(head, tuple(old), tuple(new))]
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [
        WordChange(head + i, tuple(old[i:j]), tuple(new[k:m]))
        for tag, i, j, k, m in matcher.get_opcodes()
        if tag != "equal"
    ]


def _pairs(one: Sequence[str], other: Sequence[str]) -> int:
    """How many pairs of equal words there are."""
    counted = Counter(other)
    return sum(number * counted[word] for word, number in Counter(one).items())


def join_words(words: Sequence[str]) -> str:
    """A text of these words, without spaces where their script has none."""
    return BETWEEN_UNSPACED.sub("", " ".join(words))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words they begin with alike."""
    alike = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        alike += 1
    return alike


def changes_in_words(before: str, after: str) -> Iterator[str]:
    """The changes for people, a line for each with some words around it; at most MOST_CHANGES and how many more."""
    words = split_words(before)
    changes = word_changes(words, split_words(after))
    starts, ended = [*(each.start for each in changes[1:]), len(words)], 0
    for each, next_start in zip(changes[:MOST_CHANGES], starts, strict=False):
        end = each.start + len(each.removed)
        told = words[max(ended, each.start - CONTEXT) : each.start]
        told += [f"[-{_shortened(each.removed)}-]"] if each.removed else []
        told += [f"{{+{_shortened(each.added)}+}}"] if each.added else []
        yield " ".join([*told, *words[end : min(next_start, end + CONTEXT)]])
        ended = end
    if len(changes) > MOST_CHANGES:
        yield f"and {len(changes) - MOST_CHANGES} more"


def _shortened(words: Sequence[str]) -> str:
    more = f" ... ({len(words)} words)" if len(words) > MOST_SHOWN else ""
    return " ".join(words[:MOST_SHOWN]) + more
