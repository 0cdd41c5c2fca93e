"""Coreference within a document: finds which names mean one entity, a surname its person, an acronym its organisation.

In: the name keys of one document with their kinds. Out: for each key, the key that it stands for. Names are joined only
where the document leaves no choice: with two people called Obama in it, "Obama" stays a name of its own. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from enrich import gazetteer
from enrich.entities.mention import MentionKind
from enrich.inflection import nominatives

SMALL_WORDS = frozenset(["of", "the", "and", "for", "de", "la", "du", "des", "von", "und"])
ACRONYM_LETTERS = range(2, 8)  # letters
SHORTEST_PREFIX = 3  # letters of an acronym that may leave out the last words of a name


def resolve(kind_by_key: Mapping[str, MentionKind], language: str = gazetteer.ENGLISH) -> dict[str, str]:
    """For each name key of a document, the key that it stands for: itself, its nominative, or a fuller name.

    `kind_by_key` is in reading order; `language` is that of the document.
    """
    forms = _match_forms(kind_by_key, language)
    shortened = _match_shortened({key: kind for key, kind in kind_by_key.items() if forms[key] == key}, language)
    return {key: shortened[form] for key, form in forms.items()}


def _match_forms(kind_by_key: Mapping[str, MentionKind], language: str) -> dict[str, str]:
    """Maps the cases of one name to one of them, the nominative where the document has it."""
    by_form: dict[tuple[str, MentionKind], list[str]] = {}
    found = {key: key for key in kind_by_key}
    for key, kind in kind_by_key.items():
        possible = nominatives(key, language)
        alike = next((by_form[form, kind] for form in possible if (form, kind) in by_form), [])
        alike.append(key)
        for form in possible:
            by_form.setdefault((form, kind), alike)
    for alike in by_form.values():
        if len(alike) > 1:
            common = (key for key in alike if all(key in nominatives(other, language) for other in alike))
            found |= dict.fromkeys(alike, next(common, alike[0]))
    return found


def _match_shortened(kind_by_key: Mapping[str, MentionKind], language: str) -> dict[str, str]:
    """Maps surnames, first names and acronyms to the names in full."""
    people = [key for key, kind in kind_by_key.items() if kind == "PER" and " " in key]
    without_initial = _match_middle_initials(people)
    people = [key for key in people if key not in without_initial]
    people_by_word = _people_by_word(people, language)
    acronyms = _names_by_acronym(
        key for key, kind in kind_by_key.items() if kind in ("ORG", "LOC", "OTHER") and " " in key
    )
    found = {}
    for key, kind in kind_by_key.items():
        meant = without_initial.get(key) or (
            None if " " in key else _person_of_forms(key, kind, people_by_word, language) or _only(acronyms.get(key))
        )
        found[key] = meant or key
    return found


def _person_of_forms(
    key: str, kind: MentionKind, people_by_word: Mapping[tuple[bool, str], set[str]], language: str
) -> str | None:
    """The only person who has this word, or one of which it may be a case."""
    found = (_person_of_word(form, kind, people_by_word) for form in nominatives(key, language))
    return next(filter(None, found), None)


def _person_of_word(key: str, kind: MentionKind, people_by_word: Mapping[tuple[bool, str], set[str]]) -> str | None:
    """The only person with this last word, whatever the kind (a lone surname is often taken for a place).

    Else, for a key that is taken for a person, the only person with this first word.
    """
    if kind == "LOC" and key in gazetteer.phrase_kinds(gazetteer.ENGLISH) and _is_place(key):
        return None
    last = _only(people_by_word.get((True, key)))
    return last or (
        _only(people_by_word.get((False, key))) if kind == "PER" and (True, key) not in people_by_word else None
    )


def _is_place(key: str) -> bool:
    return bool({"country", "city", "part"} & {*gazetteer.phrase_kinds(gazetteer.ENGLISH)[key]})


def _people_by_word(people: Iterable[str], language: str) -> dict[tuple[bool, str], set[str]]:
    """The people by (whether it is their last word, the word)."""
    found: defaultdict[tuple[bool, str], set[str]] = defaultdict(set)
    for key in people:
        words = key.split()
        for form in nominatives(words[-1], language):
            found[True, form].add(key)
        found[False, words[0]].add(key)
        if len(words) > 2 and words[-2] in ("al", "el", "von", "van", "de", "bin"):
            found[True, " ".join(words[-2:])].add(key)
    return found


def _match_middle_initials(people: Iterable[str]) -> dict[str, str]:
    """Maps "Donald J. Trump" to "Donald Trump" where both are named; George W. and George H. W. Bush stay two."""
    by_first_and_last: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key in people:
        words = key.split()
        if all(len(word) == 1 for word in words[1:-1]):
            by_first_and_last[words[0], words[-1]].append(key)
    found: dict[str, str] = {}
    for forms in by_first_and_last.values():
        short = [key for key in forms if len(key.split()) == 2]
        if len(forms) == 2 and len(short) == 1:
            found |= {key: short[0] for key in forms if key != short[0]}
    return found


def _names_by_acronym(keys: Iterable[str]) -> dict[str, set[str]]:
    """The names by the acronyms that they may have, with and without their small words."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        words = key.split()
        for chosen in (words, [word for word in words if word not in SMALL_WORDS]):
            initials = "".join(word[0] for word in chosen)
            if len(initials) in ACRONYM_LETTERS:
                found[initials].add(key)
            for length in range(SHORTEST_PREFIX, len(initials)):  # "Union of Workers of Velm" may be the UOW
                found[initials[:length]].add(key)
    return found


def _only(found: set[str] | None) -> str | None:
    """The element of a set that has one; None for any other."""
    return next(iter(found)) if found and len(found) == 1 else None
