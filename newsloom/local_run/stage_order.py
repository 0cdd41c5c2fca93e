"""The stages in the order in which an article passes them: what runs each, and what each reads."""

from collections.abc import Mapping

from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, FEEDS, STORIES, Topic

# stage -> its subcommand
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("ingest",),
    "annotate": ("enrich", "annotate"),
    "stories": ("enrich", "stories"),
    "index": ("index",),
}
# the workers and what they read; the last four are one service
SOURCES: tuple[tuple[str, Topic], ...] = (
    ("annotate", ARTICLES),
    ("stories", ANNOTATED),
    ("index", ENRICHED),
    ("index-stories", STORIES),
    ("index-feeds", FEEDS),
    ("index-dead", DEAD),
)
