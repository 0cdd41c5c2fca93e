"""A step of an article's way, and the whole way with its end."""

from datetime import datetime
from typing import Literal

import msgspec

StepName = Literal["feed", "page", "article", "annotate", "stories", "index", "site"]
# done; waits and goes on by itself; ended here; nothing is known; something to know beside it
StepState = Literal["done", "waiting", "ended", "unknown", "note"]
Ending = Literal[
    "searchable",
    "waiting",  # goes on by itself: for its page, or for a stage
    "dead",  # a dead letter
    "not_published",  # its feed showed it, and nothing was published
    "deleted",  # by retention: it is too old for what is kept
    "missing",  # it was published, and nothing tells where it is
    "never_shown",  # by no feed of its site
    "unknown_site",  # there is no feed of its site
    "several",  # the beginning of an id is that of several articles
    "undecided",  # a server is away without which nothing can be said
]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step: what happened, when, and what else is to be known of it, a line each; `do`: what may be done."""

    name: StepName
    state: StepState
    text: str
    at: datetime | None = None
    notes: tuple[str, ...] = ()
    do: str = ""


class Way(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article's way. `ending` is for programs, `summary` says the same to people.

    `problems`: servers that could not be asked; `searched`: what was read of Kafka's topics.
    """

    asked: str
    ending: Ending
    summary: str
    article: str = ""
    title: str = ""
    url: str = ""
    steps: tuple[Step, ...] = ()
    do: str = ""
    searched: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
