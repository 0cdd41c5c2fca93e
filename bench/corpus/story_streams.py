"""Labelled streams: makes streams of reports whose true stories are known, to test and to train the clustering.

In: the folder of the corpus. Out: by name, streams of Items in order of time. A name may have several streams, each of
which is clustered on its own. Beside the corpus as it is there are harder streams: squeezed into fewer days, mixed into
unlabelled articles, each article split into three reports (large stories), about one topic, and short ones.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.corpus.articles import annotate_all, article_from_row, read_rows
from enrich.clustering.vectors import Report
from enrich.window import build_article_report
from pipeline.messages import Annotated

ONE_DAY = date(2020, 1, 1)
SQUEEZED = 8  # so many days become one
TOPIC_SQUEEZED = 40  # the same for streams of one topic
PARTS = 3  # into which an article is split
PART_SENTENCES = 90  # of an article that is split, at most
START = 12  # reports in a short stream
LEADS_OF_ONE_DAY = 2_500
DAY = 86_400.0

SENTENCE = re.compile(r"(?<=[.!?”\"])\s+(?=[A-Z“\"])|\n+")
# an article is about a topic when its first 3,000 characters have so many of these words
CRIME = re.compile(r"\b(police|shot|shooting|gunman|arrested|murder|sheriff|suspect)\b", re.IGNORECASE), 5
WAR = re.compile(r"\b(troops|military|soldiers|taliban|militants?|airstrikes?|army|war|rebels?)\b", re.IGNORECASE), 5
CAMPAIGN = re.compile(r"\b(primary|caucus|polls?|campaign|voters|delegates|nominee|candidates?)\b", re.IGNORECASE), 10


class Item(NamedTuple):
    """A report with its id and its true story (None when unknown)."""

    id: str
    story: str | None
    report: Report


class Labelled(NamedTuple):
    """An annotated article with its true story and its day (since 1970), None when unknown."""

    article: Annotated
    story: str | None
    day: int | None


def read_labelled(path: Path, entity_words: int) -> list[Labelled]:
    """The articles of a corpus file, annotated, in the order of the file."""
    found = read_rows(path)
    articles = annotate_all([article_from_row(row) for row in found], entity_words)
    return [Labelled(each, row.get("story"), _day(row)) for each, row in zip(articles, found, strict=True)]


def build_streams(corpus: Path, entity_words: int) -> dict[str, list[list[Item]]]:
    """All streams of the corpus, by name."""
    sets = {
        name: read_labelled(corpus / f"{name}.jsonl.gz", entity_words)
        for name in ("stories/allsides", "stories/allsides_leads", "background/articles")
    }
    return streams_from_sets(*sets.values())


def streams_from_sets(
    allsides: Sequence[Labelled], leads: Sequence[Labelled], background: Sequence[Labelled]
) -> dict[str, list[list[Item]]]:
    """All streams that are made of these three sets, by name."""
    chosen = random.Random(3)
    whole, mixed = sort_by_day(allsides), sort_by_day([*allsides, *background])
    shuffled = [each._replace(day=(ONE_DAY - date(1970, 1, 1)).days) for each in leads]
    chosen.shuffle(shuffled)
    parts = [part for each in allsides for part in split_article(each)]
    crime, war, campaign = (_reports_on_topic(topic, background) for topic in (CRIME, WAR, CAMPAIGN))
    return {
        "allsides": [to_items(whole)],
        "mixed": [to_items(mixed)],
        "leads": [to_items(sort_by_day(leads))],
        "leads of one day": [to_items(shuffled[:LEADS_OF_ONE_DAY])],
        "allsides squeezed": [to_items(sort_by_day(_squeeze(whole)))],
        "mixed, squeezed": [to_items(sort_by_day(_squeeze(mixed)))],
        "parts": [to_items(sort_by_day(parts, chosen))],
        "one topic, crime": [to_items(sort_by_day(crime, chosen))],
        "starts": [to_items(part) for part in _short_streams(whole, chosen)],
        "one topic, war": [to_items(sort_by_day(war, chosen))],
        "one topic, campaign": [to_items(sort_by_day(campaign, chosen))],
    }


def to_items(found: Sequence[Labelled]) -> list[Item]:
    """The reports of articles, in the same order."""
    return [_to_item(each.article, each.story, each.day or 0) for each in found]


def _to_item(article: Annotated, story: str | None, day: int) -> Item:
    return Item(article.id, story, build_article_report(article, day * DAY, day))


def sort_by_day(found: Sequence[Labelled], chosen: random.Random | None = None) -> list[Labelled]:
    """The dated articles by day; within a day in their order, or shuffled by `chosen`."""
    dated = [each for each in found if each.day is not None]
    if chosen:
        chosen.shuffle(dated)
    return sorted(dated, key=lambda each: each.day or 0)


def _reports_on_topic(topic: tuple[re.Pattern[str], int], found: Sequence[Labelled]) -> list[Labelled]:
    """The articles that are about a topic, by their words, each split into PARTS reports."""
    words, least = topic
    chosen = (each for each in found if len(words.findall(each.article.text[:3_000])) >= least)
    return [part for each in chosen for part in split_article(each, TOPIC_SQUEEZED)]


def split_article(each: Labelled, squeezed: int = 1) -> Iterator[Labelled]:
    """Splits an article into PARTS reports of one event that share no sentence: each takes every PARTS-th sentence.

    `squeezed` days become one. Yields nothing for articles without a date or with too few sentences.
    """
    article = each.article
    sentences = [found for found in SENTENCE.split(article.text) if len(found) > 25][:PART_SENTENCES]
    if each.day is None or len(sentences) < 3 * PARTS:
        return
    for part in range(PARTS):
        own = sentences[part::PARTS]
        title = article.title if part == 0 else " ".join(own[0].split()[:12])
        text = " ".join(own)
        known = f"{title} {text}".lower()
        names = tuple(name for name in article.entities if name.key.split()[-1] in known)
        changed = {"id": f"{article.id}/{part}", "title": title, "text": text, "entities": names}
        story = each.story or f"story of {article.id}"
        yield Labelled(msgspec.structs.replace(article, **changed), story, each.day // squeezed)


def _short_streams(found: Sequence[Labelled], chosen: random.Random) -> Iterator[Sequence[Labelled]]:
    """Short streams of START reports, each followed by the same reports shuffled and all on one day, so that time does
    not help to tell their stories apart.
    """
    for at in range(0, len(found), START):
        part = found[at : at + START]
        yield part
        yield chosen.sample([each._replace(day=part[0].day) for each in part], len(part))


def _squeeze(found: Sequence[Labelled]) -> list[Labelled]:
    return [each._replace(day=(each.day or 0) // SQUEEZED) for each in found]


def _day(row: Mapping[str, object]) -> int | None:
    return (date.fromisoformat(str(row["date"])[:10]) - date(1970, 1, 1)) // timedelta(days=1) if row["date"] else None
