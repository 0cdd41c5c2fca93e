"""Judges a soak: in: what was expected and what was found; out: what is missing, doubled, stale, dead. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

# "found": exactly once. "dead": a dead letter and nothing else. "either": at most once, and a dead letter where not:
# what is too much to read may be given up
Fate = Literal["found", "dead", "either"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must have become of an article (`key`: its marker) or of a message (its key); `why`: the fault that put it
    there."""

    key: str
    fate: Fate
    why: str = ""
    edition: int = 1


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """A document in Elasticsearch: marker, the editions that its title and its text tell, where its text is from."""

    marker: str
    title_edition: int
    text_edition: int
    text_from: str


@dataclass(frozen=True, slots=True)
class FoundLetter:
    """A dead letter: its stage and reason, the key of what it is about, and its detail."""

    stage: str
    reason: str
    key: str
    detail: str = ""


@dataclass
class Verdict:
    """The keys of what is wrong, and the counts of what is right."""

    expected: int = 0
    exactly_once: int = 0
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    from_feed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # documents that nobody expected
    unexpected_letters: list[FoundLetter] = field(default_factory=list)
    expected_letters: Counter[str] = field(default_factory=Counter)
    ended_by_themselves: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        wrong = (self.missing, self.doubled, self.stale, self.from_feed, self.unknown)
        return not any(wrong) and not self.unexpected_letters and not self.ended_by_themselves


def judge(
    expected: Iterable[Expectation],
    found: Iterable[FoundArticle],
    letters: Sequence[FoundLetter],
    ended_by_themselves: Sequence[str] = (),
) -> Verdict:
    """The verdict on a run that has come to rest."""
    wanted = {each.key: each for each in expected}
    documents: dict[str, list[FoundArticle]] = defaultdict(list)
    for each in found:
        documents[each.marker].append(each)
    dead = {each.key for each in letters}
    verdict = Verdict(expected=len(wanted), ended_by_themselves=list(ended_by_themselves))
    for expectation in wanted.values():
        _judge_one(verdict, expectation, documents.get(expectation.key, []), expectation.key in dead)
    verdict.unknown += sorted(documents.keys() - wanted.keys())
    _judge_letters(verdict, wanted, letters)
    return verdict


def _judge_one(verdict: Verdict, expectation: Expectation, found: Sequence[FoundArticle], dead: bool) -> None:
    key, fate = expectation.key, expectation.fate
    if len(found) > 1:
        verdict.doubled.append(key)
    elif fate == "dead":
        if found:
            verdict.unknown.append(key)
        elif not dead:
            verdict.missing.append(key)
    elif not found:
        if not (dead and fate == "either"):
            verdict.missing.append(key)
    elif fate == "found" and min(found[0].title_edition, found[0].text_edition) < expectation.edition:
        verdict.stale.append(key)
    elif fate == "found" and found[0].text_from != "page":
        verdict.from_feed.append(key)
    else:
        verdict.exactly_once += 1


def _judge_letters(verdict: Verdict, wanted: Mapping[str, Expectation], letters: Sequence[FoundLetter]) -> None:
    for letter in letters:
        expectation = wanted.get(letter.key)
        if expectation is not None and expectation.fate in ("dead", "either"):
            verdict.expected_letters[f"{letter.stage}: {letter.reason}"] += 1
        else:
            verdict.unexpected_letters.append(letter)
