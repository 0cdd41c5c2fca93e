"""THE PATH of the first hop: Article -> Annotated, with what its own text tells. Stateless: run as many as you like.

Language, then entities (their model depends on the language), then fingerprints, each a pure function in its own file.
What begins as another article of late did has its names too.
"""

from collections.abc import Mapping, Sequence

import msgspec

from enrich import language
from enrich.copies import shingles
from enrich.entities import mentions, named_entities
from enrich.entities.mentions import Passage
from pipeline import settings
from pipeline.kafka.publisher import Outgoing
from pipeline.kafka.stage import Handled, Result, Stage
from pipeline.messages import ANNOTATED, ARTICLES, Annotated, Article

VERSION = 4  # grows when the same article would be annotated differently
ENTITY_WORDS = 300
REMEMBERED = 500  # beginnings of texts whose names are known: copies inherit their original's


def stage(options: settings.Enrich) -> Stage[Article]:
    """The stage `annotate`: from `articles` to `annotated`. Raises WrongSetting."""
    models = named_entities.models(options.entity_models)
    names = Names(options.entity_words, models)

    def handle(articles: Sequence[Article]) -> list[Result]:
        return [Handled(publish=(Outgoing(ANNOTATED, each),)) for each in _annotate(articles, names)]

    return Stage("annotate", ARTICLES, Article, handle)


def annotate(
    articles: Sequence[Article], entity_words: int = ENTITY_WORDS, models: Mapping[str, str] = named_entities.MODELS
) -> list[Annotated]:
    """Each article with its language, names, places and fingerprints, in the same order.

    Names are looked for in the title and the first `entity_words` words of the text, by spaCy's packages by language.
    """
    return _annotate(articles, Names(entity_words, models))


class Names:
    """What texts name. Remembers the last ones, so that copies cost nothing; the answer is the same without."""

    def __init__(self, words: int, models: Mapping[str, str]) -> None:
        self._words, self._models = words, models
        self._known: dict[Passage, named_entities.Named] = {}

    def of(self, passages: Sequence[Passage]) -> list[named_entities.Named]:
        """What each passage names."""
        read = [each._replace(text=mentions.beginning(each, self._words)) for each in passages]
        new = [at for at, each in enumerate(read) if each not in self._known and read.index(each) == at]
        found = named_entities.find([passages[at] for at in new], self._words, self._models)
        known = self._known | {read[at]: named for at, named in zip(new, found, strict=True)}
        self._known = dict(list(known.items())[-REMEMBERED:])
        return [known[each] for each in read]


def _annotate(articles: Sequence[Article], names: Names) -> list[Annotated]:
    languages = [_language(each) for each in articles]
    passages = [Passage(each.title, each.text, found.code) for each, found in zip(articles, languages, strict=True)]
    return [_annotated(*parts) for parts in zip(articles, languages, names.of(passages), strict=True)]


def _language(article: Article) -> language.Language:
    return language.detect(article.title, article.text, article.claimed_language, article.claimed_by or "page")


def _annotated(article: Article, found: language.Language, named: named_entities.Named) -> Annotated:
    return Annotated(
        **msgspec.structs.asdict(article),
        annotator=VERSION,
        language=found.code,
        language_confidence=found.confidence,
        language_source=found.source,
        entities=named.entities,
        entities_by=named.by,
        places=named.places,
        main_country=named.main_country,
        countries=named.countries,
        content_hash=shingles.compute_content_hash(article.title, article.text),
        sketch=shingles.build_sketch(article.title, article.text),
    )
