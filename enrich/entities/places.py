"""The places that a document names -> countries by ISO code, cities with their coordinates, the main country. Pure.

A city's name is that of many: the one in a country that the document names otherwise too, else the largest. A name
that is also a person's or a state's (Georgia, Jordan) is a country only where nothing says otherwise.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from enrich import gazetteer
from enrich.entities import name_keys
from enrich.gazetteer import City
from pipeline.messages import Entity, Place

IN_TITLE = 2.0  # what a country named in the title counts besides
OF_PEOPLE = 0.5  # what a demonym counts
OF_CITY = 0.7
OF_PART = 0.7
LARGE = 1_000_000
LEAST_ALONE = 100_000  # inhabitants of a city whose country is not named


class Atlas(NamedTuple):
    """Where a document is."""

    places: tuple[Place, ...]
    main_country: str | None
    countries: tuple[str, ...]
    of_entity: dict[str, str]  # ISO codes by key


def locate(entities: Iterable[Entity], title_end: int, people: Mapping[str, int], language: str) -> Atlas:
    """The atlas of the entities of a document; `people` are the demonyms in it, how often each."""
    found = [each for each in entities if each.type == "place"]
    weights = _of_countries(found, title_end, people, language)
    cities = {each.key: city for each in found if (city := _city(each, weights, language))}
    for each in found:
        if each.key in cities:
            weights[cities[each.key].country] += OF_CITY * each.count + IN_TITLE * OF_CITY * _in_title(each, title_end)
    places = [place for each in found if (place := _place(each, cities, language))]
    ranked = [code for code, _ in sorted(weights.items(), key=lambda each: (-each[1], each[0]))]
    of_entity = {each.key: code for each in found if (code := _code(each, cities, language))}
    places.sort(key=lambda place: -place.count)
    return Atlas(tuple(places), ranked[0] if ranked else None, tuple(ranked), of_entity)


def country_of(entity: Entity, language: str) -> str | None:
    """The ISO code of a place that is a country."""
    for form in (entity.canonical, entity.name):
        code = gazetteer.countries(language).get(gazetteer.plain(form))
        if code:
            return code
    return None


def demonyms(text: str) -> Counter[str]:
    """How often the people or things of each country are named: English adjectives and nouns."""
    known = gazetteer.demonyms()
    words = text.split()
    singles = [word.strip(name_keys.EDGES).removesuffix("'s").removesuffix("’s") for word in words]
    pairs = [f"{a} {b}" for a, b in pairwise(singles)]
    capital = [each for each in [*singles, *pairs] if each[:1].isupper()]
    return Counter(known[each.lower()] for each in capital if each.lower() in known)


def _of_countries(
    places: Iterable[Entity], title_end: int, people: Mapping[str, int], language: str
) -> defaultdict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for code, count in people.items():
        weights[code] += OF_PEOPLE * count
    for each in places:
        whole, part = country_of(each, language), gazetteer.parts().get(gazetteer.plain(each.name))
        share = 1.0 if whole else OF_PART
        if whole or part:
            weights[whole or part or ""] += share * (each.count + IN_TITLE * _in_title(each, title_end))
    return weights


def _in_title(entity: Entity, title_end: int) -> bool:
    return any(start < title_end for start, _ in entity.offsets)


def _city(entity: Entity, weights: Mapping[str, float], language: str) -> City | None:
    if country_of(entity, language) or gazetteer.plain(entity.name) in gazetteer.parts():
        return None
    candidates = gazetteer.cities_in(language).get(gazetteer.plain(entity.name), ())
    named = [city for city in candidates if weights.get(city.country, 0) > 0]
    if named and named[0] != candidates[0] and candidates[0].inhabitants >= LARGE > named[0].inhabitants * 10:
        named = []
    alone = [city for city in candidates if city.inhabitants >= LEAST_ALONE]
    return next(iter([*named, *alone]), None)


def _code(entity: Entity, cities: Mapping[str, City], language: str) -> str | None:
    city = cities.get(entity.key)
    part = gazetteer.parts().get(gazetteer.plain(entity.name))
    return country_of(entity, language) or (city.country if city else part)


def _place(entity: Entity, cities: Mapping[str, City], language: str) -> Place | None:
    code = country_of(entity, language)
    if code:
        return Place(name=gazetteer.country_name(code), kind="country", country=code, count=entity.count)
    city = cities.get(entity.key)
    if city is None:
        return None
    return Place(
        name=city.name,
        kind="city",
        country=city.country,
        latitude=city.latitude,
        longitude=city.longitude,
        geoname=city.geoname,
        count=entity.count,
    )
