"""The stages in the order in which an article passes them: the subcommand that runs each.

The watches and the page come last, and are no stages: they look at what the others have done.
"""

from collections.abc import Mapping

# stage -> its subcommand
STAGE_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("ingest",),
    "annotate": ("enrich", "annotate"),
    "stories": ("enrich", "stories"),
    "index": ("index",),
    "watch": ("watch",),
    "web": ("web",),
}
