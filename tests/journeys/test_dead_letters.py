"""Bad input of three kinds ends among the dead letters, whole and with its reason, and everything else goes on."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from index import mapping
from index.searching import article_search
from newsloom.demo.local_site import Resource, Site
from pipeline.kafka import consumer_lag
from pipeline.kafka.publisher import EncodedMessage, Publisher
from pipeline.messages import ARTICLES, DEAD, ENRICHED, encode
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.index.samples import enriched
from tests.journeys import corpus_site

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

MALFORMED = b'{"schema": 1, "id": \xff\xfe'
UNREADABLE = b"%PDF-1.7\n\x00\x01\x02 no page at all"
REJECTED = enriched("b" * 32, url="https://paper.example/" + "x" * 40_000)
PAGE = """<html lang="en"><head><title>Ferry to Merrow sails again</title></head><body><article>
<h1>Ferry to Merrow sails again</h1>
<p>The ferry between Port Sollen and the island of Merrow sails again after eleven days in which nobody could cross.</p>
<p>Three hundred people had waited on the quay since dawn, among them two schools and a travelling brass band.</p>
<p>The company that owns the ship said that its hull had been welded and tested in the dry dock of Brennick.</p>
</article></body></html>"""


def test_three_kinds_of_bad_input_become_dead_letters_and_the_rest_goes_on(options: Settings, tmp_path: Path) -> None:
    mapping.install(options.elasticsearch)
    put(options, ARTICLES.name, b"no-article", MALFORMED)
    put(options, ENRICHED.name, REJECTED.id.encode(), encode(REJECTED))
    with Site() as site:
        links = "".join(f"<item><title>{name}</title><link>{site.url}/{name}</link></item>" for name in ("bad", "good"))
        site.resources["/rss.xml"] = Resource(
            f'<rss version="2.0"><channel><title>A</title>{links}</channel></rss>'.encode(), "application/rss+xml"
        )
        site.resources["/bad"] = Resource(UNREADABLE, "text/html")
        site.resources["/good"] = Resource(PAGE.encode(), "text/html")
        with corpus_site.running_stages(
            options, corpus_site.feed_list(tmp_path / "feeds.toml", [f"{site.url}/rss.xml"]), tmp_path
        ) as all_:
            corpus_site.until(
                lambda: consumer_lag.count_messages(options.kafka, DEAD) >= 3 and corpus_site.searchable(options) >= 1,
                all_,
            )
            corpus_site.until(lambda: corpus_site.nothing_waits(options), all_)
        page_url = f"{site.url}/bad"
    assert {(stage, reason): original for stage, reason, _, original in listed(options)} == {
        ("annotate", "malformed_message"): MALFORMED,
        ("ingest", "unreadable_page"): UNREADABLE,
        ("index", "rejected_document"): encode(REJECTED),
    }
    assert {subject for _, _, subject, _ in listed(options)} == {"no-article", page_url, REJECTED.id}
    hits = article_search.search(options.elasticsearch, '"travelling brass band"').hits
    assert [hit.article.title for hit in hits] == ["Ferry to Merrow sails again"]
    assert corpus_site.searchable(options) == 1


def put(options: Settings, topic: str, key: bytes, value: bytes) -> None:
    publisher = Publisher(options.kafka)
    publisher.publish([EncodedMessage(f"{options.kafka.prefix}.{topic}", key, value)])
    publisher.close()


def listed(options: Settings) -> list[tuple[str, str, str, bytes]]:
    """What `newsloom dead list` says: stage, reason, subject and the original bytes."""
    command = [sys.executable, "-m", "newsloom", "dead", "list", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment_of(options), timeout=60)
    letters = [json.loads(line) for line in done.stdout.splitlines()]
    return [(each["stage"], each["reason"], each["subject"], base64.b64decode(each["original"])) for each in letters]
