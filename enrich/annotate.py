"""THE PATH of the first hop: Article -> Annotated, with what its own text tells. Stateless: run as many as you like.

Language, then entities (their model depends on the language), then fingerprints, each a pure function in its own file.
"""

from collections.abc import Sequence

import msgspec

from enrich import entities, fingerprint, language
from pipeline import settings
from pipeline.messages import ANNOTATED, ARTICLES, Annotated, Article, Entity
from pipeline.publisher import Outgoing
from pipeline.stage import Handled, Result, Stage

VERSION = 1  # grows when the same article would be annotated differently
ENTITY_WORDS = 300


def stage(options: settings.Enrich) -> Stage[Article]:
    """The stage `annotate`: from `articles` to `annotated`."""

    def handle(articles: Sequence[Article]) -> list[Result]:
        annotated = annotate(articles, options.entity_words)
        return [Handled(publish=(Outgoing(ANNOTATED, each),)) for each in annotated]

    return Stage("annotate", ARTICLES, Article, handle)


def annotate(articles: Sequence[Article], entity_words: int = ENTITY_WORDS) -> list[Annotated]:
    """Each article with its language, entities and fingerprints, in the same order.

    Names are looked for in the title and the first `entity_words` words of the text.
    """
    languages = [_language(each) for each in articles]
    passages = [
        entities.Passage(each.title, each.text, found.code) for each, found in zip(articles, languages, strict=True)
    ]
    named = entities.find(passages, entity_words)
    return [_annotated(*parts) for parts in zip(articles, languages, named, strict=True)]


def _language(article: Article) -> language.Language:
    return language.detect(article.title, article.text, article.claimed_language, article.claimed_by or "page")


def _annotated(article: Article, found: language.Language, named: tuple[Entity, ...]) -> Annotated:
    return Annotated(
        **msgspec.structs.asdict(article),
        annotator=VERSION,
        language=found.code,
        language_confidence=found.confidence,
        language_source=found.source,
        entities=named,
        content_hash=fingerprint.content_hash(article.title, article.text),
        sketch=fingerprint.sketch(article.title, article.text),
    )
