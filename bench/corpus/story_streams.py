"""Streams of reports whose stories are known, made of the corpus: as they are, and as harder ones would be.

In: the corpus. Out: by name, lists of items in order of time. A name may have several streams: each begins anew.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.corpus.articles import annotated, read, rows
from enrich.clustering.vectors import Report
from enrich.window import report_of
from pipeline.messages import Annotated

ONE_DAY = date(2020, 1, 1)
SQUEEZED = 8  # days become one
TOPIC_SQUEEZED = 40
PARTS = 3
PART_SENTENCES = 90
START = 12  # reports of a stream that begins anew
LEADS_OF_ONE_DAY = 2_500
DAY = 86_400.0

SENTENCE = re.compile(r"(?<=[.!?”\"])\s+(?=[A-Z“\"])|\n+")
# words of which an article of a topic has so many in its first 3,000 characters
CRIME = re.compile(r"\b(police|shot|shooting|gunman|arrested|murder|sheriff|suspect)\b", re.IGNORECASE), 5
WAR = re.compile(r"\b(troops|military|soldiers|taliban|militants?|airstrikes?|army|war|rebels?)\b", re.IGNORECASE), 5
CAMPAIGN = re.compile(r"\b(primary|caucus|polls?|campaign|voters|delegates|nominee|candidates?)\b", re.IGNORECASE), 10


class Item(NamedTuple):
    """A report, and its true story, if it is known."""

    id: str
    story: str | None
    report: Report


class Labelled(NamedTuple):
    """An annotated article, its true story and its day, where they are known."""

    article: Annotated
    story: str | None
    day: int | None


def labelled(path: Path, entity_words: int) -> list[Labelled]:
    """A file of the corpus, annotated, in its order."""
    found = rows(path)
    articles = annotated([read(row) for row in found], entity_words)
    return [Labelled(each, row.get("story"), _day(row)) for each, row in zip(articles, found, strict=True)]


def streams(corpus: Path, entity_words: int) -> dict[str, list[list[Item]]]:
    """All streams."""
    sets = {
        name: labelled(corpus / f"{name}.jsonl.gz", entity_words)
        for name in ("stories/allsides", "stories/allsides_leads", "background/articles")
    }
    return made_of(*sets.values())


def made_of(
    allsides: Sequence[Labelled], leads: Sequence[Labelled], background: Sequence[Labelled]
) -> dict[str, list[list[Item]]]:
    """All streams of these sets."""
    chosen = random.Random(3)
    whole, mixed = in_time(allsides), in_time([*allsides, *background])
    shuffled = [each._replace(day=(ONE_DAY - date(1970, 1, 1)).days) for each in leads]
    chosen.shuffle(shuffled)
    parts = [part for each in allsides for part in cut(each)]
    crime, war, campaign = (_about(topic, background) for topic in (CRIME, WAR, CAMPAIGN))
    return {
        "allsides": [items(whole)],
        "mixed": [items(mixed)],
        "leads": [items(in_time(leads))],
        "leads of one day": [items(shuffled[:LEADS_OF_ONE_DAY])],
        "allsides squeezed": [items(in_time(_squeezed(whole)))],
        "mixed, squeezed": [items(in_time(_squeezed(mixed)))],
        "parts": [items(in_time(parts, chosen))],
        "one topic, crime": [items(in_time(crime, chosen))],
        "starts": [items(part) for part in _starts(whole, chosen)],
        "one topic, war": [items(in_time(war, chosen))],
        "one topic, campaign": [items(in_time(campaign, chosen))],
    }


def items(found: Sequence[Labelled]) -> list[Item]:
    """Reports of the articles."""
    return [_item(each.article, each.story, each.day or 0) for each in found]


def _item(article: Annotated, story: str | None, day: int) -> Item:
    return Item(article.id, story, report_of(article, day * DAY, day))


def in_time(found: Sequence[Labelled], chosen: random.Random | None = None) -> list[Labelled]:
    """Those with a date, by day; within a day as they stand, or in any order."""
    dated = [each for each in found if each.day is not None]
    if chosen:
        chosen.shuffle(dated)
    return sorted(dated, key=lambda each: each.day or 0)


def _about(topic: tuple[re.Pattern[str], int], found: Sequence[Labelled]) -> list[Labelled]:
    """Reports of the articles that are about a topic, by their words: three of each."""
    words, least = topic
    chosen = (each for each in found if len(words.findall(each.article.text[:3_000])) >= least)
    return [part for each in chosen for part in cut(each, TOPIC_SQUEEZED)]


def cut(each: Labelled, squeezed: int = 1) -> Iterator[Labelled]:
    """An article as PARTS reports of one event that share no sentence: its sentences are dealt out like cards."""
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


def _starts(found: Sequence[Labelled], chosen: random.Random) -> Iterator[Sequence[Labelled]]:
    """Short streams; of every two one is of one day, in any order: nothing but the words tells stories apart."""
    for at in range(0, len(found), START):
        part = found[at : at + START]
        yield part
        yield chosen.sample([each._replace(day=part[0].day) for each in part], len(part))


def _squeezed(found: Sequence[Labelled]) -> list[Labelled]:
    return [each._replace(day=(each.day or 0) // SQUEEZED) for each in found]


def _day(row: Mapping[str, object]) -> int | None:
    return (date.fromisoformat(str(row["date"])[:10]) - date(1970, 1, 1)) // timedelta(days=1) if row["date"] else None
