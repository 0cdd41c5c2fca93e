"""A mention: a name where it stands in a text, with its kind; and what a text is before names are looked for in it."""

from typing import Literal, NamedTuple

MentionKind = Literal["PER", "ORG", "LOC", "OTHER"]
FoundBy = Literal["model", "rules", "none"]


class ArticleText(NamedTuple):
    """What names are looked for in: an article's title, its text, and its language (ISO 639-1, or "unknown")."""

    title: str
    text: str
    language: str


class Mention(NamedTuple):
    """A name where it stands: from `start` to before `end`, in characters of the text searched, and its kind."""

    start: int
    end: int
    kind: MentionKind


class FoundMentions(NamedTuple):
    """The text that was searched, its mentions in reading order, and how they were found."""

    text: str
    mentions: list[Mention]
    found_by: FoundBy
