"""A delivery: the items of one document of an agency as a ParsedFeed, and what is said of the others. Pure.

In: the items in the order of their document. Out: the newest version of each that is an article, and counts of what
was left out, so that every item of the document is in one of the two.
"""

from collections import Counter
from collections.abc import Iterable

from ingest.feeds.agency.item_fields import ItemFields, LeftOut, build_entry
from ingest.feeds.entry import Entry, ParsedFeed, is_older
from ingest.feeds.newest_first import keep_newest

MOST_ITEMS = 50_000  # of one document; more are cut, the oldest
MOST_PROBLEMS = 5  # that are told in full; more are counted
BROKEN = "broken item"
EARLIER = "earlier or repeated version"


def delivered_feed(version: str, items: Iterable[ItemFields | LeftOut], url: str, error: str | None) -> ParsedFeed:
    """The feed of these items. `version` names the format, `error` says what is wrong with the document itself."""
    built = [each if isinstance(each, LeftOut) else build_entry(each, url) for each in items]
    refused = [each for each in built if isinstance(each, LeftOut)]
    entries = [each for each in built if isinstance(each, Entry)]
    newest = newest_versions(entries)
    left_out = Counter(each.reason for each in refused)
    if len(newest) < len(entries):
        left_out[EARLIER] = len(entries) - len(newest)
    kept = keep_newest(newest, lambda each: each.updated or each.published, MOST_ITEMS)
    return ParsedFeed(
        language=next((each.language for each in kept if each.language), None),
        version=version,
        kind="delivery",
        entries=tuple(kept),
        cut=len(newest) - len(kept),
        left_out=dict(left_out.most_common()),
        error=_told([each.problem for each in refused if each.problem], error),
    )


def newest_versions(entries: Iterable[Entry]) -> list[Entry]:
    """Of entries with one identity the newest version; of two of the same version the later one."""
    newest: dict[str, Entry] = {}
    for each in entries:
        known = newest.get(each.identity)
        if known is None or not is_older(each, known):
            newest[each.identity] = each
    return list(newest.values())


def _told(problems: list[str], error: str | None) -> str | None:
    more = [f"{len(problems) - MOST_PROBLEMS} more"] if len(problems) > MOST_PROBLEMS else []
    return "; ".join([*([error] if error else []), *problems[:MOST_PROBLEMS], *more]) or None
