"""Places: finds the countries and cities that a document is about, with ISO codes and coordinates.

In: the document's entities, and how often it has demonyms ("Polish"). Out: DocumentPlaces, with the countries by how
much they weigh, the first of which is the main country.

Of several cities with one name the one is chosen whose country the document names otherwise too, else the largest. A
name that is also a state's or a person's (Georgia, Jordan) is a country unless the document says otherwise. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from enrich import gazetteer
from enrich.entities import name_keys
from enrich.gazetteer import City
from enrich.inflection import nominatives
from pipeline.entity import Entity, Place

TITLE_WEIGHT = 2.0  # mentions that the title counts for, besides its own
DEMONYM_WEIGHT = 0.5  # of a demonym; a mention of the country itself weighs 1
CITY_WEIGHT = 0.7
PART_WEIGHT = 0.7
LARGE_CITY = 1_000_000  # inhabitants
LEAST_INHABITANTS = 100_000  # inhabitants of a city whose country is not named


class DocumentPlaces(NamedTuple):
    """The places of a document, its countries by weight (ISO codes), and the country of each entity."""

    places: tuple[Place, ...]
    main_country: str | None
    countries: tuple[str, ...]
    country_by_entity: dict[str, str]  # ISO codes by name key


def locate_places(
    entities: Iterable[Entity], title_end: int, demonym_counts: Mapping[str, int], language: str
) -> DocumentPlaces:
    """The places among the entities of a document, up to `title_end` those of its title.

    `demonym_counts` has how often the demonyms of each country stand in the document, by ISO code.
    """
    found = [each for each in entities if each.type == "place"]
    weights = _country_weights(found, title_end, demonym_counts, language)
    cities = {each.key: city for each in found if (city := _choose_city(each, weights, language))}
    for each in found:
        if each.key in cities:
            weights[cities[each.key].country] += CITY_WEIGHT * each.count + TITLE_WEIGHT * CITY_WEIGHT * _is_in_title(
                each, title_end
            )
    places = [place for each in found if (place := _build_place(each, cities, language))]
    ranked = [code for code, _ in sorted(weights.items(), key=lambda each: (-each[1], each[0]))]
    country_by_entity = {each.key: code for each in found if (code := _entity_country(each, cities, language))}
    places.sort(key=lambda place: -place.count)
    return DocumentPlaces(tuple(places), ranked[0] if ranked else None, tuple(ranked), country_by_entity)


def country_code(entity: Entity, language: str) -> str | None:
    """The ISO code of an entity that is a country; None where it is none."""
    for form in (entity.canonical, entity.name):
        code = gazetteer.country_codes(language).get(gazetteer.normalise_phrase(form))
        if code:
            return code
    return name_keys.country_codes_by_key().get(entity.key)


def count_demonyms(text: str) -> Counter[str]:
    """How often each country's English demonyms ("Polish", "a Pole") stand in a text, by ISO code."""
    known = gazetteer.demonym_codes()
    words = text.split()
    singles = [word.strip(name_keys.EDGE_CHARACTERS).removesuffix("'s").removesuffix("’s") for word in words]
    pairs = [f"{a} {b}" for a, b in pairwise(singles)]
    capital = [each for each in [*singles, *pairs] if each[:1].isupper()]
    return Counter(known[each.lower()] for each in capital if each.lower() in known)


def _country_weights(
    places: Iterable[Entity], title_end: int, demonym_counts: Mapping[str, int], language: str
) -> defaultdict[str, float]:
    weights: defaultdict[str, float] = defaultdict(float)
    for code, count in demonym_counts.items():
        weights[code] += DEMONYM_WEIGHT * count
    for each in places:
        whole, part = country_code(each, language), gazetteer.country_parts().get(gazetteer.normalise_phrase(each.name))
        share = 1.0 if whole else PART_WEIGHT
        if whole or part:
            weights[whole or part or ""] += share * (each.count + TITLE_WEIGHT * _is_in_title(each, title_end))
    return weights


def _is_in_title(entity: Entity, title_end: int) -> bool:
    return any(start < title_end for start, _ in entity.offsets)


def _choose_city(entity: Entity, weights: Mapping[str, float], language: str) -> City | None:
    if country_code(entity, language) or gazetteer.normalise_phrase(entity.name) in gazetteer.country_parts():
        return None
    known, forms = gazetteer.localised_cities(language), nominatives(gazetteer.normalise_phrase(entity.name), language)
    candidates = next((known[form] for form in forms if form in known), ())
    named = [city for city in candidates if weights.get(city.country, 0) > 0]
    if named and named[0] != candidates[0] and candidates[0].inhabitants >= LARGE_CITY > named[0].inhabitants * 10:
        named = []
    alone = [city for city in candidates if city.inhabitants >= LEAST_INHABITANTS]
    return next(iter([*named, *alone]), None)


def _entity_country(entity: Entity, cities: Mapping[str, City], language: str) -> str | None:
    city = cities.get(entity.key)
    part = gazetteer.country_parts().get(gazetteer.normalise_phrase(entity.name))
    return country_code(entity, language) or (city.country if city else part)


def _build_place(entity: Entity, cities: Mapping[str, City], language: str) -> Place | None:
    code = country_code(entity, language)
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
