"""History: the way of an article through the pipeline, and what its revisions changed: Kafka's topics tell both."""

import re

import msgspec

from web.frame import Answer, Asked, NoSuchPage, Page, Shown, Site
from web.pages.article_page import find
from web.parts.marked_text import Segment

# what newsloom/trace/word_changes writes: [-removed-] and {+added+}
_CHANGE = re.compile(r"\[-(.*?)-\]|\{\+(.*?)\+\}", re.DOTALL)


class RevisionView(msgspec.Struct, frozen=True):
    """A revision, and its changes to title and text: segments marked "removed" or "added"."""

    revision: int
    at: object
    changes: tuple[tuple[str, tuple[Segment, ...]], ...]


def show_way(asked: Asked, site: Site) -> Answer:
    """Where an article was on its way, and when."""
    if site.history is None:
        raise NoSuchPage("The way of an article is told where Kafka can be asked.")
    way = site.history.way(asked.named["id"])
    return Shown("way.html", f"Way of {way.title or asked.named['id']}", way)


def show_revisions(asked: Asked, site: Site) -> Answer:
    """What each revision changed."""
    if site.history is None:
        raise NoSuchPage("What changed is told where Kafka can be asked.")
    article = find(asked.named["id"], site).article
    revisions = site.history.revisions(article.id, article.first_seen_at)
    views = tuple(
        RevisionView(
            each.revision,
            each.fetched_at,
            tuple((part, changed(line)) for part in ("title", "text") for line in getattr(each, part)),
        )
        for each in revisions
    )
    return Shown("revisions.html", f"What changed: {article.title}", (article, views))


def changed(line: str) -> tuple[Segment, ...]:
    """The segments of a change as `newsloom article --revisions` writes it. Pure."""
    segments, done = [], 0
    for found in _CHANGE.finditer(line):
        mark = "removed" if found[1] is not None else "added"
        segments += [Segment(line[done : found.start()]), Segment(found[1] or found[2] or "", mark)]
        done = found.end()
    return tuple(each for each in (*segments, Segment(line[done:])) if each.text)


PAGES = (
    Page("way", "/articles/{id}/way", show_way),
    Page("revisions", "/articles/{id}/revisions", show_revisions),
)
