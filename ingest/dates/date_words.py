"""Words of dates in all languages: months, days, before and after noon; and the order of numeric dates.

In: words as dates are folded (`fold`). Out: what they may mean, and in which languages. The names are those of Unicode
CLDR (date_words.json, written by training/build_date_words) and others that sites write
(unlisted_date_words.toml).
"""

import html
import json
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

Meanings = dict[int, frozenset[str]]  # a month's or day's number -> the languages in which the word means it
TABLE = Path(__file__).with_name("date_words.json")

UNLISTED = Path(__file__).with_name("unlisted_date_words.toml")
PREFIXED = {"he": "ב", "ar": "و"}  # "in" and "and", written together with the name

BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d])[.](?=[^\W\d])")
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\xad\u0307\u064b-\u0652]")
SPELLINGS = str.maketrans({"ی": "ي", "ک": "ك", "أ": "ا", "إ": "ا", "آ": "ا", "ı": "i", "‘": "'", "’": "'", "ʼ": "'"})
# a word begins with a letter and goes on to the next separator, so that marks on letters belong to it
TOKEN = re.compile(r"\d+|[^\W\d_][^\s\d,،、።፣;|/()\[\]{}<>\"«»'׳´`·•.:॰_+-]*")


def fold(written: str) -> str:
    """A date as it is compared: ASCII digits, one form of each letter, no marks that aren't seen, single spaces."""
    text = html.unescape(written) if "&" in written else written
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = text.casefold()
    if not text.isascii():
        text = DASHES.sub("-", INVISIBLE.sub("", text).translate(SPELLINGS))
        text = "".join(_ascii_digit(each) for each in text)
    return " ".join(text.split())


def _ascii_digit(character: str) -> str:
    return str(unicodedata.digit(character)) if character.isdigit() and not character.isascii() else character


def tokens(folded: str) -> list[str]:
    """The words and numbers of a folded text; full stops within a word are left out ("พ.ย.", "p.m.")."""
    return TOKEN.findall(BETWEEN_LETTERS.sub("", folded))


def months(word: str) -> Meanings:
    """The months that a word of tokens, joined by spaces, may mean."""
    return _tables()["months"].get(word, {})


def weekdays(word: str) -> Meanings:
    """The days of the week that it may mean, Monday 0."""
    return _tables()["days"].get(word, {})


def noon_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words for before and after noon that are understood in a language ("" for none known), as folded."""
    return _noon_words(language if language in _table()["languages"] else "")


@cache
def _noon_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    halves = [set(map(fold, _unlisted()["noon"][half])) for half in ("before", "after")]
    own = _table()["languages"][language]["noon"] if language else [[], []]
    for half, words in zip(halves, own, strict=True):
        half.update(fold(word).strip(".") for word in words)
    before, after = (frozenset(each for each in half if each) for half in halves)
    return before - after, after - before


def order_of_language(language: str) -> str:
    """The order of numeric dates in a language; "" for English, which has two."""
    return "" if language == "en" else str(_table()["orders"]["languages"].get(language, ""))


def order_of_country(country: str) -> str:
    """The order of numeric dates in a country."""
    return str(_table()["orders"]["countries"].get(country, ""))


def is_country(code: str) -> bool:
    """Whether two capitals are a country's."""
    return code in _table()["orders"]["countries"]


@cache
def names_of_utc() -> frozenset[str]:
    """UTC's name in every language."""
    return frozenset(fold(name) for words in _table()["languages"].values() for name in words["utc"][0])


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


@cache
def _unlisted() -> dict[str, Any]:
    return tomllib.loads(UNLISTED.read_text(encoding="utf-8"))


@cache
def fillers() -> frozenset[str]:
    """Words that stand in dates and change nothing."""
    return frozenset(word for words in _unlisted()["fillers"].values() for word in words.split())


@cache
def _tables() -> dict[str, dict[str, Meanings]]:
    """The two tables of words, of all languages together."""
    found: dict[str, dict[str, dict[int, set[str]]]] = {"months": {}, "days": {}}
    for language, words in _table()["languages"].items():
        for kind, first in (("months", 1), ("days", 0)):
            others = _unlisted()[kind].get(language, {})
            for number, names in enumerate(words[kind], first):
                for name in (*names, *others.get(str(number), "").split()):
                    _add(found[kind], name, number, language)
    return {
        kind: {word: {number: frozenset(each) for number, each in meanings.items()} for word, meanings in table.items()}
        for kind, table in found.items()
    }


def _add(table: dict[str, dict[int, set[str]]], name: str, number: int, language: str) -> None:
    folded = fold(name)
    if any(each.isdigit() for each in folded):
        return  # "tháng 11", "11月": read as numbers
    word = " ".join(each for each in tokens(folded) if each not in ("de", "d"))
    prefix = PREFIXED.get(language)
    for each in {word, _without_accents(word), *([prefix + word] if prefix else [])}:
        if len(each) > 1 or not each.isascii():
            table.setdefault(each, {}).setdefault(number, set()).add(language)


def _without_accents(word: str) -> str:
    """Latin and Greek letters without their accents, as capitals and hurried people write them."""
    if not re.search(r"[a-zα-ω]", unicodedata.normalize("NFD", word)):
        return word
    return "".join(each for each in unicodedata.normalize("NFD", word) if not unicodedata.combining(each))
