"""A text in each of many languages: what Unicode's locale data (Babel) calls days, months, languages and countries.

In: how many languages. Out: title and paragraphs for each, of a language that is recognised in its own words. It is no
prose, but it names what the tables of a language hold, and nobody's article has to be copied for it.
"""

from collections.abc import Iterator

from babel import Locale

from bench.whole.web.corpus_pages import Text
from enrich.language import LANGUAGES, detect

NAMES_OF_A_PARAGRAPH = 15
PARAGRAPHS = 10


def foreign_texts(count: int) -> list[Text]:
    """Title and paragraphs in so many languages; raises ValueError where there are not so many."""
    found = [text for code in sorted(LANGUAGES) if (text := _text(code)) is not None]
    if count > len(found):
        raise ValueError(f"{count} languages are asked for, {len(found)} are known")
    return found[:count]


def _text(code: str) -> Text | None:
    names = list(_names(Locale.parse(code)))
    parts = [names[at : at + NAMES_OF_A_PARAGRAPH] for at in range(0, len(names), NAMES_OF_A_PARAGRAPH)]
    title, *paragraphs = (", ".join(part) + "." for part in parts[: PARAGRAPHS + 1])
    return (title, tuple(paragraphs)) if detect(title, "\n".join(paragraphs), None).code == code else None


def _names(locale: Locale) -> Iterator[str]:
    """Days and months make the title: they are the words of the language itself, which names of places are not."""
    yield from locale.days["format"]["wide"].values()
    yield from list(locale.months["format"]["wide"].values())[: NAMES_OF_A_PARAGRAPH - 7]
    yield from [name for name in locale.languages.values() if name][: 3 * NAMES_OF_A_PARAGRAPH]
    yield from (name for name in locale.territories.values() if name)
