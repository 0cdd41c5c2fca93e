"""THE PATH of the stage `annotate`, from Article to Annotated: adds what can be told from an article's own text.

For each article, in this order: its language, its named entities (their model depends on the language), and its
fingerprints, by which copies are found later. Each step is a pure function in a file of its own. The stage has no
state that matters: run as many workers as you like.
"""

from collections.abc import Mapping, Sequence

import msgspec

from enrich import language
from enrich.copies import shingles
from enrich.entities import mentions, named_entities
from enrich.entities.mention import ArticleText
from pipeline import settings
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.kafka.stage import Result, Stage, StageOutput
from pipeline.messages import ANNOTATED, ARTICLES, Annotated, Article

VERSION = 5  # of the annotations: grows when the same article would be annotated differently
ENTITY_WORDS = 300  # of a text, in which names are looked for
REMEMBERED_TEXTS = 500  # the last ones, whose entities a copy takes over


def stage(options: settings.Enrich) -> Stage[Article]:
    """The stage `annotate`: from topic `articles` to topic `annotated`. Raises WrongSetting."""
    models = named_entities.parse_models(options.entity_models)
    finder = EntityFinder(options.entity_words, models)

    def handle(articles: Sequence[Article]) -> list[Result]:
        return [StageOutput(publish=(OutgoingMessage(ANNOTATED, each),)) for each in _annotate(articles, finder)]

    return Stage("annotate", ARTICLES, Article, handle)


def annotate(
    articles: Sequence[Article],
    entity_words: int = ENTITY_WORDS,
    models: Mapping[str, str] = named_entities.DEFAULT_MODELS,
) -> list[Annotated]:
    """The articles with their language, entities, places and fingerprints, in the same order.

    Names are looked for in the title and the first `entity_words` words of the text. `models` has the spaCy package
    for each language that has one.
    """
    return _annotate(articles, EntityFinder(entity_words, models))


def _annotate(articles: Sequence[Article], finder: "EntityFinder") -> list[Annotated]:
    languages = [_detect_language(each) for each in articles]
    texts = [ArticleText(each.title, each.text, found.code) for each, found in zip(articles, languages, strict=True)]
    return [_annotated(*parts) for parts in zip(articles, languages, finder.find(texts), strict=True)]


def _detect_language(article: Article) -> language.Language:
    told = article.claimed_language
    if article.kind == "withdrawn" and told:  # its words are ours, and its story is that of the article before
        return language.Language(told, 1.0, "feed")
    if article.claimed_by == "feed":  # an ingest before 2026-12 told only the first of what feeds say
        return language.detect(article.title, article.text, None, article.feed_languages or ((told,) if told else ()))
    return language.detect(article.title, article.text, told, article.feed_languages)


def _annotated(article: Article, detected: language.Language, found: named_entities.DocumentEntities) -> Annotated:
    return Annotated(
        **msgspec.structs.asdict(article),
        annotator=VERSION,
        language=detected.code,
        language_confidence=detected.confidence,
        language_source=detected.source,
        entities=found.entities,
        entities_by=found.found_by,
        places=found.places,
        main_country=found.main_country,
        countries=found.countries,
        content_hash=shingles.compute_content_hash(article.title, article.text),
        sketch=shingles.build_sketch(article.title, article.text),
    )


class EntityFinder:
    """Finds named entities. Remembers those of the last texts, so that a copy costs nothing; the result is the same."""

    def __init__(self, max_words: int, models: Mapping[str, str]) -> None:
        self._max_words, self._models = max_words, models
        self._remembered: dict[ArticleText, named_entities.DocumentEntities] = {}

    def find(self, article_texts: Sequence[ArticleText]) -> list[named_entities.DocumentEntities]:
        """The entities of each text, in the same order."""
        searched = [each._replace(text=mentions.searched_text(each, self._max_words)) for each in article_texts]
        new = [at for at, each in enumerate(searched) if each not in self._remembered and searched.index(each) == at]
        found = named_entities.find_entities([article_texts[at] for at in new], self._max_words, self._models)
        known = self._remembered | {searched[at]: entities for at, entities in zip(new, found, strict=True)}
        self._remembered = dict(list(known.items())[-REMEMBERED_TEXTS:])
        return [known[each] for each in searched]
