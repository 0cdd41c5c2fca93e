"""The keys of one document -> which of them are another: a surname its person, an acronym its organisation. Pure.

Only where the document leaves no choice: with two Obamas, "Obama" stays itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from enrich import gazetteer
from enrich.entities.mentions import Kind

SMALL = frozenset(["of", "the", "and", "for", "de", "la", "du", "des", "von", "und"])
ACRONYM = range(2, 8)  # letters
LEAST_OF_LONGER = 3


def resolve(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """For each key of a document, the key that it stands for: itself, or one that says more. `kinds` in reading
    order.
    """
    people = [key for key, kind in kinds.items() if kind == "PER" and " " in key]
    same = _initials_apart(people)
    people = [key for key in people if key not in same]
    bearers = _by_word(people)
    acronyms = _acronyms(key for key, kind in kinds.items() if kind in ("ORG", "LOC", "OTHER") and " " in key)
    found = {}
    for key, kind in kinds.items():
        meant = same.get(key) or (None if " " in key else _person(key, kind, bearers) or _only(acronyms.get(key)))
        found[key] = meant or key
    return found


def _person(key: str, kind: Kind, bearers: Mapping[tuple[bool, str], set[str]]) -> str | None:
    """By the last word whatever the kind, for a lone surname is often taken for a place; by the first word a person
    only.
    """
    if kind == "LOC" and key in gazetteer.phrases(gazetteer.ENGLISH) and _is_place(key):
        return None
    last = _only(bearers.get((True, key)))
    return last or (_only(bearers.get((False, key))) if kind == "PER" and (True, key) not in bearers else None)


def _is_place(key: str) -> bool:
    return bool({"country", "city", "part"} & {*gazetteer.phrases(gazetteer.ENGLISH)[key]})


def _by_word(people: Iterable[str]) -> dict[tuple[bool, str], set[str]]:
    """Persons by (whether it is the last word, the word)."""
    found: defaultdict[tuple[bool, str], set[str]] = defaultdict(set)
    for key in people:
        words = key.split()
        found[True, words[-1]].add(key)
        found[False, words[0]].add(key)
        if len(words) > 2 and words[-2] in ("al", "el", "von", "van", "de", "bin"):
            found[True, " ".join(words[-2:])].add(key)
    return found


def _initials_apart(people: Iterable[str]) -> dict[str, str]:
    """Donald J. Trump is Donald Trump where both are named; George W. and George H. W. Bush are two."""
    plain: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key in people:
        words = key.split()
        if all(len(word) == 1 for word in words[1:-1]):
            plain[words[0], words[-1]].append(key)
    found: dict[str, str] = {}
    for forms in plain.values():
        short = [key for key in forms if len(key.split()) == 2]
        if len(forms) == 2 and len(short) == 1:
            found |= {key: short[0] for key in forms if key != short[0]}
    return found


def _acronyms(keys: Iterable[str]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        words = key.split()
        for chosen in (words, [word for word in words if word not in SMALL]):
            initials = "".join(word[0] for word in chosen)
            if len(initials) in ACRONYM:
                found[initials].add(key)
            for length in range(LEAST_OF_LONGER, len(initials)):  # the Union of Workers of Velm may be the UW
                found[initials[:length]].add(key)
    return found


def _only(found: set[str] | None) -> str | None:
    return next(iter(found)) if found and len(found) == 1 else None
