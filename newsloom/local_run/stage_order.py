"""The stages in the order in which an article passes them: the subcommand that runs each, and the topic it reads.

The watches come last, and are no stage: they look at what the others have done.
"""

from collections.abc import Mapping

from pipeline.messages import ANNOTATED, ARTICLES, DEAD, ENRICHED, FEEDS, STORIES, Topic

# stage -> its subcommand
STAGE_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("ingest",),
    "annotate": ("enrich", "annotate"),
    "stories": ("enrich", "stories"),
    "index": ("index",),
    "watch": ("watch",),
}
# (consumer group, its source topic); the last four run in one service
STAGE_SOURCES: tuple[tuple[str, Topic], ...] = (
    ("annotate", ARTICLES),
    ("stories", ANNOTATED),
    ("index", ENRICHED),
    ("index-stories", STORIES),
    ("index-feeds", FEEDS),
    ("index-dead", DEAD),
)
