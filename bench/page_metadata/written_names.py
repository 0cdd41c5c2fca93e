"""Names of people as tests and pages write them, brought to one form, so that names can be compared. Pure.

In: names, or a whole byline ("Von Jane Doe und John Roe"). Out: single names; and keys, which are equal for one person.

This splits bylines by a few plain rules of its own, on purpose not by those of ingest/page/person_name, which are
measured with it.
"""

import re
from collections.abc import Iterable

WORDS = re.compile(r"\w+")
START = re.compile(r"^\W*(?:(?:written |posted |words |story )?by|von|par|por|di|door|av|af)\s+", re.IGNORECASE)
BETWEEN = re.compile(r"\s*[;,|/&•\n]\s*|\s+(?:and|und|et|y|with|mit)\s+")
AFFILIATION = re.compile(r"\s+(?:from|of|at|for|in)\s+.*", re.DOTALL)


def split_written(byline: str) -> tuple[str, ...]:
    """The names in a byline."""
    parts = (AFFILIATION.sub("", START.sub("", part)).strip(" .,:") for part in BETWEEN.split(START.sub("", byline)))
    return tuple(part for part in parts if part)


def name_keys(names: Iterable[str]) -> set[str]:
    """The names as sets of words in lower case: equal for what is written alike."""
    return {" ".join(WORDS.findall(name.casefold())) for name in names} - {""}
