"""Reads at the end of a soak what came of everything: documents, dead letters, messages on the topics."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from elasticsearch.helpers import scan

from index.client import connect
from ingest.urls import article_id
from pipeline.kafka import broker, dead_letter
from pipeline.messages import ARTICLES, ENRICHED, Article, Enriched, Topic
from pipeline.settings import Settings
from tests.soak.newspapers import EDITION, MARKER, Newspapers
from tests.soak.verdict import Expectation, FoundArticle, FoundLetter

GIVEN_UP = "given up after"  # the detail of a page that took longer than ingest.extract_timeout_seconds


def expectations(papers: Newspapers, told: Mapping[str, Expectation]) -> list[Expectation]:
    """What must have become of every article of the newspapers, and of what the faults put elsewhere."""
    articles = {
        each.marker: Expectation(each.marker, "found", edition=each.edition) for each in papers.by_path.values()
    }
    return list({**articles, **told}.values())


def given_up(letters: Iterable[FoundLetter]) -> dict[str, Expectation]:
    """What may become of pages whose reader was frozen: it took too long, and they are told from their feed."""
    late = [each for each in letters if each.reason == "unreadable_page" and GIVEN_UP in each.detail]
    return {each.key: Expectation(each.key, "either", "page reader frozen") for each in late}


def found_articles(options: Settings) -> Iterator[FoundArticle]:
    """Every document of every index of articles."""
    with connect(options.elasticsearch) as client:
        client.indices.refresh(index=f"{options.elasticsearch.prefix}-articles-*")
        fields = ["url", "title", "text", "text_from"]
        for hit in scan(client, index=f"{options.elasticsearch.prefix}-articles-*", source=fields, size=500):
            source = hit["_source"]
            marker = MARKER.search(source["url"])
            yield FoundArticle(
                marker[0] if marker else source["url"],
                _edition(source["title"]),
                _edition(source["text"]),
                source["text_from"],
            )


def _edition(text: str) -> int:
    found = EDITION.search(text)
    return int(found[2]) if found else 0


def found_letters(options: Settings, papers: Newspapers) -> list[FoundLetter]:
    """Every dead letter; what it is about as a marker, where it is about an article of the newspapers."""
    markers = {article_id(each.url): each.marker for each in papers.by_path.values()}
    letters = dead_letter.read_dead_letters(options.kafka, lambda _: True)
    return [
        FoundLetter(letter.stage, letter.reason, _key(letter.subject, markers), letter.detail[:300])
        for letter in letters
    ]


def _key(subject: str, markers: Mapping[str, str]) -> str:
    found = re.search(MARKER, subject)
    return found[0] if found else markers.get(subject, subject)


def messages(options: Settings) -> dict[str, tuple[int, int]]:
    """For the topics of articles: how many revisions of articles came, and how many messages repeat one.

    Repeating one is what "at least once" means: Elasticsearch has it once.
    """
    return {"articles": _repeated(options, ARTICLES, Article), "enriched": _repeated(options, ENRICHED, Enriched)}


def _repeated(options: Settings, topic: Topic, kind: type[Article]) -> tuple[int, int]:
    records = (broker.decode_or_none(record.value, kind) for record in broker.read_topic(options.kafka, topic))
    counts = Counter((each.id, each.revision) for each in records if each is not None)
    return len(counts), counts.total() - len(counts)
