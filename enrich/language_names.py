"""Language names: the code of a language that a person names, in English or in itself (Unicode CLDR).

In: "German", "deutsch", "de" or "de-AT". Out: the code, as articles have it ("de").
"""

import difflib
from functools import cache

from babel import Locale, UnknownLocaleError

ENGLISH = "en"


@cache
def english_language_names() -> dict[str, str]:
    """The English names of languages by code (ISO 639), without those of a region or script."""
    names = Locale.parse(ENGLISH).languages
    return {code: name for code, name in names.items() if code.isalpha() and code not in ("und", "mul", "zxx")}


def find_language(named: str) -> str | None:
    """The code of the language that is named, by code or by its name; None for none."""
    wanted = named.strip().casefold()
    code = wanted.replace("_", "-").partition("-")[0]
    if code in english_language_names() and len(code) < 4:
        return code
    english = {name.casefold(): code for code, name in english_language_names().items()}
    return english.get(wanted) or next((code for code in _own_codes() if wanted and _own_name(code) == wanted), None)


def nearest_languages(named: str) -> list[str]:
    """The English names of languages that look like what was named, each with its code; none may do."""
    english = {name.casefold(): f"{name} ({code})" for code, name in english_language_names().items()}
    return [english[name] for name in difflib.get_close_matches(named.strip().casefold(), list(english))]


def language_name(code: str) -> str:
    """The English name of a language; the code where there is none."""
    return english_language_names().get(code, code)


def _own_codes() -> list[str]:
    """The languages that are asked for their own name: those of two letters, some two hundred."""
    return [code for code in english_language_names() if len(code) == 2]


@cache
def _own_name(code: str) -> str:
    try:
        name: str | None = Locale.parse(code).get_language_name(code)
    except (UnknownLocaleError, ValueError):
        return ""
    return (name or "").casefold()
