"""Edits: what was changed in an article after it was first indexed, as its document has it. Pure.

In: the document of an earlier revision, as it is indexed, and the title and text of the new one. Out: the edits of the
new document: those that were known, and what this revision changed. A revision that changed neither title nor text (a
date alone) is no edit. The index is the first place that both wordings meet.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from index.writing.word_changes import MOST_CHANGES, MOST_SHOWN, join_words, split_words, word_changes

MOST_EDITS = 10  # of one article that are kept, the newest
FIELDS = ("revision", "title", "text", "edits")  # of the earlier document that are looked at


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one revision changed. `removed` and `added`: the words of each change, at most MOST_SHOWN of MOST_CHANGES.

    Where the earlier wording was not indexed any more, only that it changed is known: there are no words and no counts.
    """

    revision: int
    at: datetime  # when the page was fetched that has it
    parts: tuple[str, ...]  # title, text
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    words_removed: int | None = None
    words_added: int | None = None


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """A revision's title and text, and the edits up to it; read from an indexed document."""

    revision: int
    title: str
    text: str
    edits: tuple[Edit, ...] = ()


def edits_after(
    source: Mapping[str, Any] | None, now: Wording, at: datetime, changed: Sequence[str]
) -> tuple[Edit, ...]:
    """The edits of a document, the newest last.

    `source`: of the indexed document that it replaces, None where there is none; `at`: when the page was fetched;
    `changed`: what its message says, which is all that is known without `source`.
    """
    if source is None:
        parts = tuple(each for each in changed if each in ("title", "text"))
        return (Edit(revision=now.revision, at=at, parts=parts),) if parts and now.revision > 1 else ()
    earlier = msgspec.convert(source, Wording, strict=False)
    if earlier.revision >= now.revision:  # the same once more, by a better enricher; or it will not replace the other
        return earlier.edits
    new = _edit(earlier, now, at)
    return (*earlier.edits, new)[-MOST_EDITS:] if new else earlier.edits


def _edit(earlier: Wording, now: Wording, at: datetime) -> Edit | None:
    by_part = {
        part: word_changes(split_words(getattr(earlier, part)), split_words(getattr(now, part)))
        for part in ("title", "text")
    }
    changes = [each for found in by_part.values() for each in found]
    if not changes:
        return None
    shown = changes[:MOST_CHANGES]
    return Edit(
        revision=now.revision,
        at=at,
        parts=tuple(part for part, found in by_part.items() if found),
        removed=tuple(join_words(each.removed[:MOST_SHOWN]) for each in shown if each.removed),
        added=tuple(join_words(each.added[:MOST_SHOWN]) for each in shown if each.added),
        words_removed=sum(len(each.removed) for each in changes),
        words_added=sum(len(each.added) for each in changes),
    )
