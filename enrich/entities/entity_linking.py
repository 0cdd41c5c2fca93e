"""What earlier articles called people -> who is meant by a surname alone, or by a name in another spelling.

Keys (`names`) fold spelling by rule; here is what only other articles tell. A name is taken for an earlier one when the
two stand in the same company: at least two other names of the article have stood beside the earlier one. And only where
one name alone fits, and it is the one that is named most: with two Millers in that company, "Miller" stays itself, and
it never is a Miller of whom less is heard than of another. First names are never taken for another.

What is known are the names of the last so many articles, each in the revision that came last. It comes from
fingerprints alone: whoever reads them back knows the same.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Set
from itertools import islice
from typing import TypeVar

import msgspec

from enrich import gazetteer
from pipeline.messages import Entity, Fingerprint

MOST_ARTICLES = 20_000  # of a language, whose names are known
MOST_TOLD = 12  # articles that a name's company is known of, the last ones
MOST_COMPANY = 24  # names
OFTEN_ENOUGH = 2  # articles that name it: what one alone has may be no name at all ("Target Trump")
COMPANY = 2  # names that must be shared
LONG_ENOUGH = 5  # letters of a word in which one may differ
WORDS = range(2, 5)  # of a full name
NO_PERSONS = frozenset(("organisation", "agency", "country", "part", "people"))  # what the lists of names have
T = TypeVar("T")
_Spelling = tuple[str, int, str, str]


class Aliases:
    """The people of one language."""

    def __init__(self) -> None:
        self._phrases, self._around = gazetteer.phrases(gazetteer.ENGLISH), gazetteer.words()
        self._articles: OrderedDict[str, tuple[str, ...]] = OrderedDict()  # the last articles -> all their names
        self._sorted = False  # whether what follows has what the articles say; not before it is asked for
        self._named: dict[str, dict[str, None]] = {}  # full name -> its articles, in order
        self._by_last: defaultdict[str, set[str]] = defaultdict(set)
        self._by_spelling: defaultdict[_Spelling, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._articles)

    # --- learning ---

    def remember(self, fingerprint: Fingerprint) -> None:
        """Takes over who is named beside whom. The same article again counts once, as what came last."""
        self._forget(fingerprint.id)
        self._articles[fingerprint.id] = fingerprint.entities
        if self._sorted:
            self._put(fingerprint.id, fingerprint.entities)
        if len(self._articles) > MOST_ARTICLES:
            self._forget(next(iter(self._articles)))

    def _forget(self, article: str) -> None:
        names = self._articles.pop(article, ())
        for key in names if self._sorted else ():
            articles = self._named.get(key, {})
            if article in articles:
                del articles[article]
                if not articles:
                    self._drop(key)

    def _put(self, article: str, names: tuple[str, ...]) -> None:
        for key in names:
            if key not in self._named:
                words = key.split()
                if len(words) not in WORDS:
                    continue
                self._named[key] = {}
                self._by_last[words[-1]].add(key)
                for each in _spellings(words):
                    self._by_spelling[each].add(key)
            self._named[key][article] = None

    def _drop(self, key: str) -> None:
        words = key.split()
        del self._named[key]
        _take(self._by_last, words[-1], key)
        for each in _spellings(words):
            _take(self._by_spelling, each, key)

    def _sort(self) -> None:
        if not self._sorted:
            self._sorted = True
            for article, names in self._articles.items():
                self._put(article, names)

    # --- using ---

    def resolve(self, entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
        """The entities of an article under the keys that earlier articles had for them. Changes nothing here."""
        self._sort()
        keys = frozenset(each.key for each in entities)
        meant = {each.key: self._meant(each.key, keys) for each in entities if each.type == "person"}
        if all(other is None or other in keys for other in meant.values()):
            return entities
        return tuple(_renamed(each, meant.get(each.key), keys) for each in entities)

    def _meant(self, key: str, keys: frozenset[str]) -> str | None:
        if key in self._named:
            return None
        known = [each for each in self._candidates(key) if self._often(each) >= OFTEN_ENOUGH]
        people = [each for each in known if self._like_a_person(each.split()[0])]
        found = [each for each in people if len(keys & self._company(each)) >= COMPANY]
        often = max(map(self._often, people), default=0)
        return found[0] if len(found) == 1 and self._often(found[0]) == often else None

    def _often(self, key: str) -> int:
        return min(len(self._named[key]), MOST_TOLD)

    def _company(self, key: str) -> Set[str]:
        """The names that have stood beside a name, the last ones."""
        company: dict[str, None] = {}
        for article in islice(reversed(self._named[key]), MOST_TOLD):
            company.update(dict.fromkeys(name for name in self._articles[article] if name != key))
            if len(company) >= MOST_COMPANY:
                break
        return set(islice(company, MOST_COMPANY))

    def _like_a_person(self, first: str) -> bool:
        """Whether a name that begins so can be a person's: not "House Democrats", nor "Trump Kim" of a headline."""
        known = self._phrases.get(first, ())
        other = first in self._by_last or first in self._around.organisation or first in self._around.place
        return "given" in known or not (other or NO_PERSONS.intersection(known))

    def _candidates(self, key: str) -> Iterator[str]:
        words = key.split()
        if len(words) == 1:
            yield from self._by_last.get(key, ())
        else:
            similar = set().union(*(self._by_spelling.get(each, ()) for each in _spellings(words)))
            yield from (each for each in similar if _alike(words, each.split()))


def _spellings(words: list[str]) -> tuple[_Spelling, _Spelling]:
    """By what a full name is found: two that differ by a letter of the last word begin or end it with the same two."""
    first, last = (words[0], len(words)), words[-1]
    return (*first, last[:2], ""), (*first, "", last[-2:])


def _take(index: dict[T, set[str]], at: T, key: str) -> None:
    index[at].discard(key)
    if not index[at]:
        del index[at]


def _renamed(entity: Entity, key: str | None, keys: frozenset[str]) -> Entity:
    if key is None or key in keys:
        return entity
    canonical = key.title() if " " not in entity.key else entity.canonical
    return msgspec.structs.replace(entity, key=key, canonical=canonical)


def _alike(words: list[str], others: list[str]) -> bool:
    """The same first name, and the other words the same but for a letter of a long one."""
    for a, b in zip(words[1:], others[1:], strict=True):
        if a != b and (min(len(a), len(b)) < LONG_ENOUGH or not one_apart(a, b)):
            return False
    return True


def one_apart(one: str, other: str) -> bool:
    """One letter more, less or another."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    more = len(long) - len(short)
    if more > 1:
        return False
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    return short[at + 1 - more :] == long[at + 1 :]
