"""Gazetteer: lists of countries, cities, organisations, personal names and words around names, from config/names.

In: a language where names depend on it. Out: tables whose keys are phrases in lower case, with one space between words.
A phrase may name several kinds of things: "country", "part" (of a country), "city", "people" (a demonym), "given" and
"surname" (of persons), "organisation", "agency" (for news and pictures). Each table is read once for each process.
"""

import tomllib
from collections import ChainMap
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError

from pipeline.settings import ROOT

FOLDER = ROOT / "config" / "names"
LONGEST_PHRASE = 5  # words
ENGLISH = "en"


class City(NamedTuple):
    """A city of GeoNames: a row of cities.tsv."""

    geoname: int
    name: str
    country: str
    latitude: float
    longitude: float
    inhabitants: int


class ContextWords(NamedTuple):
    """Words that tell what kind of name they belong to or stand beside, in lower case."""

    titles: frozenset[str]
    saying: frozenset[str]
    organisation: frozenset[str]
    place: frozenset[str]
    other: frozenset[str]
    alone: frozenset[str]  # that are no name when nothing stands beside them
    before_place: frozenset[str]
    joins: frozenset[str]


def read_lines(name: str) -> list[str]:
    """The lines of a file of config/names, without comments."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def read_table(name: str) -> dict[str, Any]:
    """A TOML file of config/names."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def normalise_phrase(phrase: str) -> str:
    """A phrase as the tables have it: in lower case, with one space between words."""
    return " ".join(phrase.lower().split())


@cache
def context_words() -> ContextWords:
    """The words that tell what kind of name they belong to or stand beside."""
    heads = {kind: frozenset(text.split()) for kind, text in read_table("heads.toml").items()}
    return ContextWords(titles=frozenset(read_lines("titles.txt")), saying=_read_words("saying.txt"), **heads)


@cache
def titles(language: str) -> frozenset[str]:
    """The titles of persons in a language and in English, in lower case."""
    own = read_table("titles_by_language.toml").get(language, "").split()
    return context_words().titles | {title.replace("_", " ") for title in own}


def _read_words(name: str) -> frozenset[str]:
    return frozenset(word for line in read_lines(name) for word in line.split())


# --- places ---


@cache
def country_codes(language: str) -> dict[str, str]:
    """ISO codes of countries by their names in this language and in English (Unicode CLDR), and by aliases."""
    found: dict[str, str] = {}
    for each in dict.fromkeys((ENGLISH, language)):
        locale = _locale(each)
        territories = locale.territories if locale else {}
        found |= {
            normalise_phrase(name): code for code, name in territories.items() if len(code) == 2 and code.isalpha()
        }
    for code, names in read_table("countries.toml")["aliases"].items():
        found |= {normalise_phrase(name): code for name in names}
    return {name: code for name, code in found.items() if code not in ("ZZ", "EU", "EZ", "UN", "QO")}


def find_country(named: str) -> str | None:
    """The code of the country that is named, by code or by an English name; None for none."""
    codes = country_codes(ENGLISH)
    found = codes.get(normalise_phrase(named))
    return found or (named.upper() if named.upper() in codes.values() else None)


@cache
def country_name(code: str) -> str:
    """The English name of a country; the code where there is none."""
    name: str = Locale.parse(ENGLISH).territories.get(code, code)
    return name


@cache
def demonym_codes() -> dict[str, str]:
    """ISO codes of countries by what their people are called in English."""
    found = read_table("countries.toml")["demonyms"]
    return {normalise_phrase(name.replace("_", " ")): code for code, names in found.items() for name in names.split()}


@cache
def country_parts() -> dict[str, str]:
    """ISO codes of countries by the names of their states, provinces and regions."""
    found = read_table("places.toml")["parts"]
    return {normalise_phrase(name): code for code, names in found.items() for name in names.split(",")}


@cache
def cities() -> dict[str, tuple[City, ...]]:
    """Cities by name and by alias; of several with one name the largest comes first."""
    found: dict[str, tuple[City, ...]] = {}
    for line in read_lines("cities.tsv"):
        geoname, name, country, latitude, longitude, inhabitants = line.split("\t")
        city = City(int(geoname), name, country, float(latitude), float(longitude), int(inhabitants))
        found[normalise_phrase(name)] = (*found.get(normalise_phrase(name), ()), city)
    for other, name in read_table("places.toml")["cities"].items():
        found[normalise_phrase(other)] = (
            *found.get(normalise_phrase(name), ()),
            *found.get(normalise_phrase(other), ()),
        )
    return found


@cache
def localised_cities(language: str) -> Mapping[str, tuple[City, ...]]:
    """Cities by English names and by their names in this language, as far as Unicode CLDR has them for time zones."""
    return cities() if language == ENGLISH else ChainMap(cities(), _own_cities(language))


@cache
def _own_cities(language: str) -> dict[str, tuple[City, ...]]:
    """Cities by those names in this language that are none in English."""
    locale, english = _locale(language), Locale.parse(ENGLISH)
    found: dict[str, tuple[City, ...]] = {}
    for zone, names in locale.time_zones.items() if locale else ():
        english_name = english.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
        known = cities().get(normalise_phrase(english_name))
        if known and "city" in names and normalise_phrase(names["city"]) not in cities():
            found.setdefault(normalise_phrase(names["city"]), known)
    return found


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None


# --- days ---


@cache
def weekdays(language: str) -> dict[str, int]:
    """The numbers of weekdays by their lower-cased names in a language; 0 is Monday. Empty for an unknown language."""
    locale = _locale(language)
    names = locale.days["format"]["wide"] if locale else {}
    return {name.lower(): day for day, name in names.items()}


# --- organisations ---


@cache
def organisations() -> dict[str, str]:
    """The full names of organisations by all their names, acronyms too."""
    rows = [[name.strip() for name in line.split("|")] for line in read_lines("organisations.txt")]
    return {normalise_phrase(name): row[0] for row in rows for name in row}


@cache
def agencies() -> frozenset[str]:
    """The names of news and photo agencies."""
    return frozenset(normalise_phrase(line) for line in read_lines("agencies.txt"))


# --- what a phrase may name ---


PhraseKinds = Mapping[str, tuple[str, ...]]


def phrase_kinds(language: str) -> PhraseKinds:
    """The kinds of things that each phrase may name in a text of this language."""
    return _english_phrases() if language == ENGLISH else ChainMap(*phrase_tables(language))


@cache
def phrase_tables(language: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The same as two tables, the first of which goes before: what English has not, and what all languages have."""
    own: dict[str, tuple[str, ...]] = {}
    localised: tuple[tuple[str, Iterable[str]], ...] = (
        ("country", country_codes(language).keys() - country_codes(ENGLISH).keys()),
        ("city", _own_cities(language)),
    )
    for kind, names in localised:
        for name in names:
            own[name] = (*own.get(name, _english_phrases().get(name, ())), kind)
    return own, _english_phrases()


@cache
def _english_phrases() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    kinds: dict[str, Any] = {
        "country": country_codes(ENGLISH),
        "part": country_parts(),
        "city": cities(),
        "people": demonym_codes(),
        "given": _read_words("given.txt"),
        "surname": _read_words("surnames.txt"),
        "organisation": organisations(),
        "agency": agencies(),
    }
    for kind, names in kinds.items():
        for name in names:
            found.setdefault(name, []).append(kind)
    return {name: tuple(each) for name, each in found.items()}
