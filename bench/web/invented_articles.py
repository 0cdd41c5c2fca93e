"""Invented articles for the page: any number of them, the same for the same number.

In: how many. Out: Enriched messages of the last month: words as often as in a language (Zipf), sources, names, stories
and copies as often as in the news, by round numbers.
"""

import hashlib
import itertools
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from bench.index_write import enriched_article
from pipeline.entity import Entity
from pipeline.messages import Enriched

SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]
WORDS = 20_000
SOURCES, PEOPLE = 200, 2_000
DAYS = 30
COPIES = 0.1  # of the articles
OF_A_STORY = 4  # articles, on average
LANGUAGES = ("en", "en", "en", "de", "fr", "es")


def invent(count: int, now: datetime) -> Iterator[Enriched]:
    """So many articles until `now`."""
    chance = random.Random(7)
    words = vocabulary()
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))
    originals: list[Enriched] = []
    for number in range(count):
        if originals and chance.random() < COPIES:
            yield _copy(originals[-1 - chance.randrange(min(100, len(originals)))], number, now, chance)
            continue
        text = " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(100, 400)))
        title = " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(6, 11))).capitalize()
        made = _article(_id(number), title, text, _time(now, chance), chance)
        originals = [*originals[-100:], made]
        yield made


def vocabulary() -> list[str]:
    """Invented words, those first that are most frequent."""
    chance = random.Random(1)
    found = dict.fromkeys("".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(3 * WORDS))
    return list(found)[:WORDS]


def _id(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def _time(now: datetime, chance: random.Random) -> datetime:
    return now - timedelta(seconds=chance.randrange(DAYS * 86_400))


def _article(id_: str, title: str, text: str, at: datetime, chance: random.Random) -> Enriched:
    source = chance.randrange(SOURCES)
    story = _id(-1 - int(at.timestamp() // 3600) * OF_A_STORY - chance.randrange(OF_A_STORY))
    plain = enriched_article(id_, title, text, chance.choice(LANGUAGES))
    return _with(
        plain,
        source=f"paper{source}.example",
        source_name=f"The Paper {source}",
        url=f"https://paper{source}.example/{id_}",
        published_at=at,
        first_seen_at=at,
        fetched_at=at,
        story=story,
        entities=tuple(_person(chance.randrange(PEOPLE)) for _ in range(4)),
        countries=(chance.choice(("GB", "DE", "FR", "TR", "US")),),
    )


def _person(number: int) -> Entity:
    name = f"Ada {SYLLABLES[number % len(SYLLABLES)].capitalize()}son {number}"
    return Entity(name=name, key=name.lower(), type="person", count=1, canonical=name)


def _copy(of: Enriched, number: int, now: datetime, chance: random.Random) -> Enriched:
    at = min(now, (of.published_at or now) + timedelta(minutes=chance.randrange(1, 300)))
    other = {"source": "copies.example", "source_name": "Copies", "published_at": at, "first_seen_at": at}
    return _with(of, id=_id(number), duplicate_of=of.id, duplicate_kind="exact", fetched_at=at, **other)


def _with(article: Enriched, **fields: object) -> Enriched:
    return msgspec.structs.replace(article, **fields)
