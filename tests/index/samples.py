"""Enriched articles for the tests of the index."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.messages import Enriched

OCTOBER = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, 0, 10, tzinfo=UTC)


def enriched(id_: str, /, **fields: Any) -> Enriched:
    """An article; what is not given is plain."""
    plain = Enriched(
        id=id_,
        revision=1,
        url=f"https://paper.example/{id_}",
        source="paper.example",
        source_name="The Paper",
        feed_url="https://paper.example/feed.xml",
        title="The harbour of Velm is open again",
        text="Ships may enter the harbour from Monday.",
        text_from="page",
        published_at=OCTOBER,
        first_seen_at=OCTOBER,
        fetched_at=OCTOBER,
        annotator=1,
        language="en",
        language_confidence=0.99,
        language_source="text",
        content_hash=f"hash of {id_}",
        enricher=1,
        story=f"story of {id_}",
    )
    return msgspec.structs.replace(plain, **fields)
