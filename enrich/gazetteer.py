"""config/names -> what is known of names and of the words around them. Read once for each process.

A table has phrases in lower case, words separated by one blank, and what each may name: "country", "part" (of a
country), "city", "people" (a demonym), "given" and "surname" (of persons), "organisation", "agency" (of news and
pictures).
"""

import tomllib
from functools import cache
from typing import Any, NamedTuple

from babel import Locale, UnknownLocaleError

from pipeline.settings import ROOT

FOLDER = ROOT / "config" / "names"
LONGEST = 5  # words of a phrase
ENGLISH = "en"


class City(NamedTuple):
    """A row of cities.tsv."""

    geoname: int
    name: str
    country: str
    latitude: float
    longitude: float
    inhabitants: int


class Words(NamedTuple):
    """Words that say what stands beside them, in lower case."""

    titles: frozenset[str]
    saying: frozenset[str]
    organisation: frozenset[str]
    place: frozenset[str]
    other: frozenset[str]
    alone: frozenset[str]  # no name when nothing stands beside them
    before_place: frozenset[str]
    joins: frozenset[str]


def lines(name: str) -> list[str]:
    """The lines of a file of config/names, without comments."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def table(name: str) -> dict[str, Any]:
    """A TOML file of config/names."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def plain(phrase: str) -> str:
    """As phrases stand in the tables: lower case, one blank between words."""
    return " ".join(phrase.lower().split())


@cache
def words() -> Words:
    """The words around names."""
    heads = {kind: frozenset(text.split()) for kind, text in table("heads.toml").items()}
    return Words(titles=frozenset(lines("titles.txt")), saying=_words("saying.txt"), **heads)


def _words(name: str) -> frozenset[str]:
    return frozenset(word for line in lines(name) for word in line.split())


# --- places ---


@cache
def countries(language: str) -> dict[str, str]:
    """ISO codes of countries by their names in this language (Unicode CLDR), and by their English names and aliases."""
    found: dict[str, str] = {}
    for each in dict.fromkeys((ENGLISH, language)):
        locale = _locale(each)
        territories = locale.territories if locale else {}
        found |= {plain(name): code for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    for code, names in table("countries.toml")["aliases"].items():
        found |= {plain(name): code for name in names}
    return {name: code for name, code in found.items() if code not in ("ZZ", "EU", "EZ", "UN", "QO")}


@cache
def country_name(code: str) -> str:
    """The English name of a country; the code where there is none."""
    name: str = Locale.parse(ENGLISH).territories.get(code, code)
    return name


@cache
def demonyms() -> dict[str, str]:
    """ISO codes by what a country's people are called in English."""
    found = table("countries.toml")["demonyms"]
    return {plain(name.replace("_", " ")): code for code, names in found.items() for name in names.split()}


@cache
def parts() -> dict[str, str]:
    """ISO codes by the names of states, provinces and regions."""
    found = table("places.toml")["parts"]
    return {plain(name): code for code, names in found.items() for name in names.split(",")}


@cache
def cities() -> dict[str, tuple[City, ...]]:
    """Cities by name, the largest first."""
    found: dict[str, tuple[City, ...]] = {}
    for line in lines("cities.tsv"):
        geoname, name, country, latitude, longitude, inhabitants = line.split("\t")
        city = City(int(geoname), name, country, float(latitude), float(longitude), int(inhabitants))
        found[plain(name)] = (*found.get(plain(name), ()), city)
    for other, name in table("places.toml")["cities"].items():
        found[plain(other)] = (*found.get(plain(name), ()), *found.get(plain(other), ()))
    return found


@cache
def cities_in(language: str) -> dict[str, tuple[City, ...]]:
    """Cities by their names in this language too, where Unicode CLDR has them: those that time zones are named for."""
    locale, english = _locale(language), Locale.parse(ENGLISH)
    if locale is None or language == ENGLISH:
        return cities()
    found = dict(cities())
    for zone, names in locale.time_zones.items():
        said = english.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
        if "city" in names and plain(said) in found:
            found.setdefault(plain(names["city"]), found[plain(said)])
    return found


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return None


# --- days ---


@cache
def weekdays(language: str) -> dict[str, int]:
    """The days of the week by their names in a language, in lower case; 0 is Monday. Empty where there are none."""
    locale = _locale(language)
    names = locale.days["format"]["wide"] if locale else {}
    return {name.lower(): day for day, name in names.items()}


# --- organisations ---


@cache
def organisations() -> dict[str, str]:
    """Full names by the names that the lists have."""
    rows = [[name.strip() for name in line.split("|")] for line in lines("organisations.txt")]
    return {plain(name): row[0] for row in rows for name in row}


@cache
def agencies() -> frozenset[str]:
    """Agencies of news and pictures."""
    return frozenset(plain(line) for line in lines("agencies.txt"))


# --- what a phrase may name ---


@cache
def phrases(language: str) -> dict[str, tuple[str, ...]]:
    """What each phrase may name in a text of this language."""
    found: dict[str, list[str]] = {}
    kinds: dict[str, Any] = {
        "country": countries(language),
        "part": parts(),
        "city": cities_in(language),
        "people": demonyms(),
        "given": _words("given.txt"),
        "surname": _words("surnames.txt"),
        "organisation": organisations(),
        "agency": agencies(),
    }
    for kind, names in kinds.items():
        for name in names:
            found.setdefault(name, []).append(kind)
    return {name: tuple(each) for name, each in found.items()}
