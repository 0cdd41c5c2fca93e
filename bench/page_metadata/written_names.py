"""Names of people as tests and pages write them, brought to one form, so that names can be compared. Pure.

In: names, or a whole byline ("Von Jane Doe und John Roe"). Out: single names; and keys, which are equal for one person.

This splits bylines by a few plain rules of its own, on purpose not by those of ingest/page/bylines/person_name, which
are measured with it.
"""

import re
from collections.abc import Iterable

WORDS = re.compile(r"\w+")
NO_PERSON = re.compile(
    r"\b(?:afp|ap|apa|dpa|sda|associated press|reuters|agentur\w*|agency|ajans\w*|redaktion|team|news|red|"
    r"presse-agentur|nachrichten|zeitung|unknown)\b|\.(?:com|de|at|ch|is|be|org|tr)\b",
    re.IGNORECASE,
)
START = re.compile(r"^\W*(?:(?:written |posted |words |story )?by|von|par|por|di|door|av|af)\s+", re.IGNORECASE)
BETWEEN = re.compile(r"\s*[;,|/&•\n]\s*|\s+(?:and|und|et|y|with|mit)\s+")
AFFILIATION = re.compile(r"\s+(?:from|of|at|for|in)\s+.*", re.DOTALL)


def split_written(byline: str) -> tuple[str, ...]:
    """The names in a byline."""
    parts = (AFFILIATION.sub("", START.sub("", part)).strip(" .,:") for part in BETWEEN.split(START.sub("", byline)))
    return tuple(part for part in parts if part)


def divide_names(names: Iterable[str]) -> list[str]:
    """The names, those that hold several divided: "Jane Doe und John Roe"."""
    return [part for name in names for part in split_written(name)]


def name_keys(names: Iterable[str]) -> set[str]:
    """The people among names, as words in lower case: equal for what is written alike.

    Agencies, newsrooms and papers are left out: authors are people here.
    """
    return {" ".join(WORDS.findall(name.casefold())) for name in names if not NO_PERSON.search(name)} - {""}
