"""Entity linking across documents: tells from earlier articles who is meant by a lone surname or another spelling.

In: fingerprints, whose name keys are remembered, and the entities of a new article. Out: those entities under the keys
that earlier articles had for them.

Only people are linked, and never two first names. A name is linked to an earlier one when they have the same company:
at least LEAST_SHARED_NAMES other names of the article have stood beside the earlier name. The earlier name must be the
only one that fits, and the one that most articles name: with two Millers in that company "Miller" stays itself, and it
is never linked to the less known of two Millers. Spelling that rules can fold is folded before, by `name_keys`.

The names of the last MOST_ARTICLES articles of a language are remembered, each article in its last revision. They come
from fingerprints alone, so a worker that reads the fingerprints back after a restart links the same.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Set
from itertools import islice
from typing import TypeVar

import msgspec

from enrich import gazetteer
from pipeline.entity import Entity
from pipeline.messages import Fingerprint

MOST_ARTICLES = 20_000  # of a language whose names are remembered, the last ones
COMPANY_ARTICLES = 12  # the last articles that name somebody, from which the company of the name is taken
COMPANY_NAMES = 24  # names of a company, at most
LEAST_ARTICLES = 2  # that have a name: what one article alone has may be no name at all ("Target Trump")
LEAST_SHARED_NAMES = 2  # that an article must have in common with the company of a name
LEAST_LETTERS = 5  # of a word in which one letter may differ
FULL_NAME_WORDS = range(2, 5)  # words of a full name
NOT_PERSON_KINDS = frozenset(("organisation", "agency", "country", "part", "people"))  # of the gazetteer
T = TypeVar("T")
_SpellingKey = tuple[str, int, str, str]


class EntityLinker:
    """Links the people that articles of one language name to those that earlier articles named."""

    def __init__(self) -> None:
        self._phrase_kinds, self._context_words = gazetteer.phrase_kinds(gazetteer.ENGLISH), gazetteer.context_words()
        self._articles: OrderedDict[str, tuple[str, ...]] = OrderedDict()  # the last articles -> all their names
        self._indexed = False  # whether the fields below are filled; they are when first needed
        self._articles_by_name: dict[str, dict[str, None]] = {}  # full name -> its articles, in order
        self._by_last: defaultdict[str, set[str]] = defaultdict(set)
        self._by_spelling: defaultdict[_SpellingKey, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._articles)

    # --- learning ---

    def remember(self, fingerprint: Fingerprint) -> None:
        """Remembers the names of an article. An article that comes again replaces what it said before."""
        self._forget(fingerprint.id)
        self._articles[fingerprint.id] = fingerprint.entities
        if self._indexed:
            self._index_article(fingerprint.id, fingerprint.entities)
        if len(self._articles) > MOST_ARTICLES:
            self._forget(next(iter(self._articles)))

    def _forget(self, article: str) -> None:
        names = self._articles.pop(article, ())
        for key in names if self._indexed else ():
            articles = self._articles_by_name.get(key, {})
            if article in articles:
                del articles[article]
                if not articles:
                    self._unindex_name(key)

    def _index_article(self, article: str, names: tuple[str, ...]) -> None:
        for key in names:
            if key not in self._articles_by_name:
                words = key.split()
                if len(words) not in FULL_NAME_WORDS:
                    continue
                self._articles_by_name[key] = {}
                self._by_last[words[-1]].add(key)
                for each in _spelling_keys(words):
                    self._by_spelling[each].add(key)
            self._articles_by_name[key][article] = None

    def _unindex_name(self, key: str) -> None:
        words = key.split()
        del self._articles_by_name[key]
        _remove_from_index(self._by_last, words[-1], key)
        for each in _spelling_keys(words):
            _remove_from_index(self._by_spelling, each, key)

    def _build_index(self) -> None:
        if not self._indexed:
            self._indexed = True
            for article, names in self._articles.items():
                self._index_article(article, names)

    # --- using ---

    def link(self, entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
        """The entities of an article under the keys that earlier articles had for them. Remembers nothing."""
        self._build_index()
        keys = frozenset(each.key for each in entities)
        links = {each.key: self._find_link(each.key, keys) for each in entities if each.type == "person"}
        if all(other is None or other in keys for other in links.values()):
            return entities
        return tuple(_with_key(each, links.get(each.key), keys) for each in entities)

    def _find_link(self, key: str, keys: frozenset[str]) -> str | None:
        """The earlier name that is meant by `key` in an article with these `keys`; None where none fits alone."""
        if key in self._articles_by_name:
            return None
        known = [each for each in self._candidates(key) if self._article_count(each) >= LEAST_ARTICLES]
        people = [each for each in known if self._may_be_person(each.split()[0])]
        found = [each for each in people if len(keys & self._company(each)) >= LEAST_SHARED_NAMES]
        often = max(map(self._article_count, people), default=0)
        return found[0] if len(found) == 1 and self._article_count(found[0]) == often else None

    def _article_count(self, key: str) -> int:
        """How many articles name somebody, up to COMPANY_ARTICLES."""
        return min(len(self._articles_by_name[key]), COMPANY_ARTICLES)

    def _company(self, key: str) -> Set[str]:
        """The names that stood beside a name in the last articles that have it."""
        company: dict[str, None] = {}
        for article in islice(reversed(self._articles_by_name[key]), COMPANY_ARTICLES):
            company.update(dict.fromkeys(name for name in self._articles[article] if name != key))
            if len(company) >= COMPANY_NAMES:
                break
        return set(islice(company, COMPANY_NAMES))

    def _may_be_person(self, first: str) -> bool:
        """Whether a name that begins so can be a person's: not "House Democrats", nor "Trump Kim" of a headline."""
        known = self._phrase_kinds.get(first, ())
        other = (
            first in self._by_last or first in self._context_words.organisation or first in self._context_words.place
        )
        return "given" in known or not (other or NOT_PERSON_KINDS.intersection(known))

    def _candidates(self, key: str) -> Iterator[str]:
        """The earlier names that end with a lone surname, or that are spelt nearly as a full name."""
        words = key.split()
        if len(words) == 1:
            yield from self._by_last.get(key, ())
        else:
            similar = set().union(*(self._by_spelling.get(each, ()) for each in _spelling_keys(words)))
            yield from (each for each in similar if _similar_names(words, each.split()))


def _spelling_keys(words: list[str]) -> tuple[_SpellingKey, _SpellingKey]:
    """The index keys of a full name: if one letter of the last word differs, its first or its last two are the same."""
    first, last = (words[0], len(words)), words[-1]
    return (*first, last[:2], ""), (*first, "", last[-2:])


def _remove_from_index(index: dict[T, set[str]], at: T, key: str) -> None:
    index[at].discard(key)
    if not index[at]:
        del index[at]


def _with_key(entity: Entity, key: str | None, keys: frozenset[str]) -> Entity:
    if key is None or key in keys:
        return entity
    canonical = key.title() if " " not in entity.key else entity.canonical
    return msgspec.structs.replace(entity, key=key, canonical=canonical)


def _similar_names(words: list[str], others: list[str]) -> bool:
    """Whether two names have the same first name, and other words that are the same but for a letter of a long one."""
    for a, b in zip(words[1:], others[1:], strict=True):
        if a != b and (min(len(a), len(b)) < LEAST_LETTERS or not differ_by_one_letter(a, b)):
            return False
    return True


def differ_by_one_letter(one: str, other: str) -> bool:
    """Whether one word becomes the other by adding, leaving out or changing one letter."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    more = len(long) - len(short)
    if more > 1:
        return False
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    return short[at + 1 - more :] == long[at + 1 :]
