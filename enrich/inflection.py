"""Inflection: tells which forms of a name differ only by their case: Путина and Путин, Obamas and Obama in German.

In: names in lower case, and the language of the text. Out: the forms that may be the name's nominative.

A paradigm is a row of endings, that of the nominative first: two words are forms of one when they differ by two endings
of one paradigm. They are those of names of people and places alone, and were written down from grammars. Pure.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product

SHORTEST_STEM = 3  # letters
MOST_FORMS = 64  # of a name
NO_ENDING = "-"
SOUTH_SLAVIC = "- a u om em e i; a e i u om; o a u om; i og om im; a e oj u om"
PARADIGMS = {
    "de": "- s",
    "ru": (
        "- а у ом ым е ы; ь я ю ем е и; й я ю ем е и; ий ого ому им ом; ый ого ому ым ом; ой ого ому ым ом;"
        "а ы и е у ой ою; я и ю ей е ею; ия ии ию ией; ая ой ую; яя ей юю; ы ов ам ами ах; ые ых ым ыми; о а у ом е"
    ),
    "uk": (
        "- а у ові ом і; ь я ю еві ем і; й я ю єві єм ї; ий ого ому им; а и і у ою; я і ї ю єю ею; ія ії ію ією;"
        "а ої ій у ою; и ів ам ами ах; і их им ими; о а у ові ом"
    ),
    "pl": (
        "- a owi em iem ie u; i iego iemu im; y ego emu ym; a y i ie e ę ą ii; a iej ej ą; o a u em ie; ia ii ię ią;"
        "owie ów om ami ach; y ów om ami ach"
    ),
    "hr": SOUTH_SLAVIC,
    "bs": SOUTH_SLAVIC,
    "sr": SOUTH_SLAVIC,
    "sk": "- a ovi om e u; a y e i u ou; ova ovej ovu ovou; y eho emu ym om; o a u ovi om e",
    "bn": "- র ের কে তে",
}


@lru_cache(50_000)
def nominatives(name: str, language: str) -> tuple[str, ...]:
    """The name itself, and all names of which it may be a form, by the paradigms of a language."""
    paradigms = _paradigms(language)
    if not paradigms or len(name) < SHORTEST_STEM:
        return (name,)
    forms = ([*dict.fromkeys([word, *_word_forms(word, paradigms)])] for word in name.split())
    return tuple(" ".join(each) for each, _ in zip(product(*forms), range(MOST_FORMS), strict=False))


def _word_forms(word: str, paradigms: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    for nominative, *others in paradigms:
        for ending in (nominative, *others):
            if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
                yield word[: len(word) - len(ending)] + nominative


@cache
def _paradigms(language: str) -> tuple[tuple[str, ...], ...]:
    """The paradigms of a language, with accents and without: keys have none."""
    rows = [row.split() for row in PARADIGMS.get(language, "").split(";")]
    plain = [[_without_accents(ending) for ending in row] for row in rows]
    distinct = dict.fromkeys(tuple("" if end == NO_ENDING else end for end in row) for row in [*rows, *plain] if row)
    return tuple(distinct)


def _without_accents(ending: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", ending) if not unicodedata.combining(c))
