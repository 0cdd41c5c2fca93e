"""Writes ingest/dates/date_words.json anew: `python -m training.build_date_words`.

In: Unicode CLDR, as the package babel carries it. Out: for each language the names of months (January first) and days
(Monday first) in every form, the words for before and after noon; and the order of day and month in numeric dates, by
language and by country.
"""

import json
import multiprocessing
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from babel import Locale, UnknownLocaleError, localedata
from babel.dates import format_datetime

from pipeline.settings import ROOT

FILE = ROOT / "ingest" / "dates" / "date_words.json"
# languages with news on the web; where countries use other names of months, those countries' forms too
LOCALES = """
en en_AU en_CA af am ar ar_LB ar_IQ ar_MA ar_TN ar_DZ ar_MR as az be bg bn bs ca cs cy da de de_AT el es es_MX es_UY et
eu fa fa_AF fi fil fo fr fr_CA ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ky lb lo lt lv mk ml mn mr ms my nb ne
nl nn pa pl ps pt pt_PT ro ru si sk sl so sq sr sr_Latn sv sw ta te th tk tr uk ur uz vi zh zh_Hant
"""
LocaleWords = dict[str, list[list[str]]]  # kind -> the names of each month, day, ...
WIDTHS = ("wide", "abbreviated", "short")
CONTEXTS = ("format", "stand-alone")


def _names(table: Any, keys: Iterable[Any]) -> list[list[str]]:
    """The names of each key in every context and width, but for single letters, which are no names."""
    return [
        list(dict.fromkeys(name for width in _widths(table) if (name := width.get(key)) and not name.isdecimal()))
        for key in keys
    ]


def _widths(table: Any) -> Iterator[Any]:
    return (table[context][width] for context in CONTEXTS for width in WIDTHS if width in table.get(context, {}))


def _merge(first: list[list[str]] | None, second: list[list[str]]) -> list[list[str]]:
    if first is None:
        return second
    return [list(dict.fromkeys([*some, *others])) for some, others in zip(first, second, strict=True)]


def _locale_words(code: str) -> LocaleWords:
    locale = Locale.parse(code)
    return {
        "months": _names(locale.months, range(1, 13)),
        "days": _names(locale.days, range(7)),
        "noon": _names(locale.day_periods, ("am", "pm")),
        "utc": [[format_datetime(datetime(2000, 1, 1, tzinfo=UTC), "zzzz", locale=locale)]],
    }


def language_words() -> dict[str, LocaleWords]:
    """Language -> its months, days, and words for before and after noon.

    Each locale in a process of its own: babel 2.18.0 mixes names of one language into another that is read after it.
    """
    found: dict[str, LocaleWords] = {}
    codes = LOCALES.split()
    with multiprocessing.Pool(2, maxtasksperchild=1) as processes:
        for code, words in zip(codes, processes.map(_locale_words, codes, chunksize=1), strict=True):
            before = found.setdefault(code[:3].rstrip("_"), {})
            before.update({kind: _merge(before.get(kind), names) for kind, names in words.items()})
    return found


def _order(locale: Locale) -> str:
    """The order of day and month in the short date: "dmy", "mdy" or "ymd"."""
    letters = re.sub(r"'[^']*'|[^dMy]", "", locale.date_formats["short"].pattern)
    return "".join(dict.fromkeys(letters.lower()))


def orders() -> dict[str, dict[str, str]]:
    """The order of numeric dates by language and by country; that of a country is the one of its main language."""
    languages = {code[:3].rstrip("_"): _order(Locale.parse(code)) for code in LOCALES.split() if "_" not in code}
    countries = {}
    for code in sorted(Locale.parse("en").territories):
        try:
            locale = Locale.parse(f"und_{code}") if re.fullmatch("[A-Z]{2}", code) else None
        except (UnknownLocaleError, ValueError):
            locale = None
        if locale is not None and locale.territory == code and localedata.exists(str(locale)):
            countries[code] = _order(locale)
    return {"languages": languages, "countries": countries}


def main() -> None:
    """Writes the table."""
    languages, order = language_words(), orders()
    table = {"languages": languages, "orders": order}
    FILE.write_text(json.dumps(table, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{len(languages)} languages, {len(order['countries'])} countries")


if __name__ == "__main__":
    main()
