"""Named entities of languages other than English, quality and speed, beside the rule that was used for them before.

In: a folder with sentences in which people marked the names (bench/corpus/language_sets.py). Out: a table on standard
output: the set, its sentences, its digest, F1 by the rule and by the pipeline, and articles in a second of CPU time.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.corpus.language_sets import read_sets
from bench.corpus.marked_names import MarkedSentence, digest
from bench.names.name_scores import NameSpans, score_names
from enrich.annotate import annotate
from enrich.entities import mentions
from enrich.entities.mention import ArticleText
from enrich.entities.rule_mentions import mentions_by_rules
from pipeline.messages import Article

ALL_WORDS = 10_000
ARTICLE_WORDS = 400  # of the articles that speed is measured on: more than are searched for names
MOST_ARTICLES = 60
BATCH = 16
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def find_by_pipeline(sentences: Sequence[MarkedSentence], language: str) -> list[NameSpans]:
    """The names that our pipeline finds in each sentence."""
    texts = [ArticleText("", each.text, language) for each in sentences]
    found = mentions.find_mentions(texts, ALL_WORDS, {})
    return [{(start - 1, end - 1, kind) for start, end, kind in each.mentions} for each in found]  # less the line feed


def find_by_rules(sentences: Sequence[MarkedSentence], language: str) -> list[NameSpans]:
    """The names that the rule finds in each sentence."""
    return [{tuple(each) for each in mentions_by_rules(sentence.text, language)} for sentence in sentences]


def print_languages(folder: Path) -> None:
    """Prints the table."""
    print("other languages: sentences, F1 typed / span by rules and by the pipeline, articles/s of the annotate step")
    for each, sentences in read_sets(folder):
        before = score_names(sentences, find_by_rules(sentences, each.language))
        after = score_names(sentences, find_by_pipeline(sentences, each.language))
        print(
            f"  {each.language} {each.name:30} {len(sentences):5} {digest(sentences)}  "
            f"{before.typed:.3f} / {before.span:.3f}  {after.typed:.3f} / {after.span:.3f}  "
            f"{articles_per_second(sentences, each.language):6.1f}",
            flush=True,
        )


def articles_per_second(sentences: Sequence[MarkedSentence], language: str) -> float:
    """How many articles made of these sentences are annotated in a second of CPU time."""
    articles = list(_build_articles(sentences, language))[:MOST_ARTICLES]
    annotate(articles[:1])
    started = time.process_time()
    for at in range(0, len(articles), BATCH):
        annotate(articles[at : at + BATCH])
    return len(articles) / (time.process_time() - started)


def _build_articles(sentences: Sequence[MarkedSentence], language: str) -> Iterator[Article]:
    group: list[MarkedSentence] = []
    for each in sentences:
        group.append(each)
        if sum(len(sentence.tokens) for sentence in group) >= ARTICLE_WORDS:
            yield _build_article(group, language)
            group = []


def _build_article(group: Sequence[MarkedSentence], language: str) -> Article:
    return Article(
        id=digest(group),
        revision=1,
        url="https://example.org/",
        source="example.org",
        source_name="",
        feed_url="",
        title=group[0].text,
        text=" ".join(each.text for each in group[1:]),
        text_from="page",
        claimed_language=language,
        published_at=DAY,
        first_seen_at=DAY,
        fetched_at=DAY,
    )
