"""What a soak's verdict calls missing, doubled, stale and dead; and that its report says so."""

from collections.abc import Sequence

import pytest

from tests.soak.faults.schedule import PlannedFault, plan
from tests.soak.report import Measured, report
from tests.soak.search_watch import EndedFault
from tests.soak.verdict import Expectation, Fate, FoundArticle, FoundLetter, Verdict, judge

LETTER = FoundLetter("annotate", "malformed_message", "a")


def found(
    edition: int = 1, text_from: str = "page", text_edition: int | None = None, marker: str = "a"
) -> FoundArticle:
    return FoundArticle(marker, edition, edition if text_edition is None else text_edition, text_from)


def verdict(
    fate: Fate, articles: Sequence[FoundArticle], letters: Sequence[FoundLetter] = (), edition: int = 1
) -> Verdict:
    return judge([Expectation("a", fate, edition=edition)], articles, letters)


@pytest.mark.parametrize(
    ("fate", "articles", "letters"),
    [
        ("found", [found()], []),
        ("found", [found(edition=2)], []),
        ("dead", [], [LETTER]),
        ("dead", [], [LETTER, LETTER]),  # at least once
        ("either", [found(text_from="feed")], [LETTER]),
        ("either", [], [LETTER]),
    ],
)
def test_what_is_well(fate: Fate, articles: list[FoundArticle], letters: list[FoundLetter]) -> None:
    assert verdict(fate, articles, letters).good


@pytest.mark.parametrize(
    ("fate", "articles", "letters", "wrong"),
    [
        ("found", [], [], "missing"),
        ("found", [found(), found()], [], "doubled"),
        ("found", [found(text_from="feed")], [], "from_feed"),
        ("found", [found()], [LETTER], "unexpected_letters"),
        ("found", [found(), found(marker="b")], [], "unknown"),
        ("dead", [], [], "missing"),
        ("dead", [found()], [], "unknown"),
        ("either", [], [], "missing"),
        ("either", [found(), found()], [], "doubled"),
    ],
)
def test_what_is_wrong(fate: Fate, articles: list[FoundArticle], letters: list[FoundLetter], wrong: str) -> None:
    told = verdict(fate, articles, letters)
    assert not told.good
    assert getattr(told, wrong)


@pytest.mark.parametrize(
    "article", [found(edition=1), found(edition=2, text_edition=1), found(edition=2, text_edition=0)]
)
def test_an_older_edition_in_title_or_text_is_stale(article: FoundArticle) -> None:
    assert verdict("found", [article], edition=2).stale == ["a"]


def test_a_process_that_ends_by_itself_is_wrong() -> None:
    assert not judge([], [], [], ["index-1 with 3"]).good


def test_the_report_says_it() -> None:
    (first, *_) = plan(1, 100)
    text = report(measured(first, recovered=4.2), verdict("found", [found()]))
    assert "seed 5" in text
    assert first.kind.name in text
    assert "found exactly once 1" in text
    assert text.endswith("NOTHING LOST, NOTHING TWICE")
    bad = report(measured(first, recovered=None), verdict("found", []))
    assert "missing 1: a" in bad
    assert "never" in bad
    assert bad.endswith("NOT AS IT SHOULD BE")


def measured(fault: PlannedFault, recovered: float | None) -> Measured:
    return Measured(
        seed=5,
        seconds=100,
        drained_after=3.0,
        faults=[EndedFault(fault, 0, 1, recovered)],
        arrivals=[3.0, 4.0],
        messages={"articles": (2, 1)},
        memory={"index-1": [1024, 4096, 2048]},
        restarts={"index-1": 2},
    )
