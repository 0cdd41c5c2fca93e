"""Sentences of many languages in which people marked the names, to measure named entities on.

In: a folder with clones of the repositories of SETS. Out: for each set that is there, its sentences. None of them was
trained on. The texts and some of the marks are not free to pass on (docs/decisions/0016): they are read where they are.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.corpus.marked_columns import read_columns
from bench.corpus.marked_names import MarkedSentence, hash_part, read_marked
from bench.corpus.marked_spans import read_japanese, read_turkish, read_urdu

NEWS_SENTENCES = 500  # of Parallel UD: the first half of its sentences is news, the second half Wikipedia
MOST_SENTENCES = 1_000  # of one set
UNSEEN_PARTS, UNSEEN_PART = 10, 0  # of a corpus that is trained on, this tenth is not


class LanguageSet(NamedTuple):
    """A set of sentences: its name and language, its files in the folder, and how they are read."""

    name: str
    language: str
    files: tuple[str, ...]
    read: Callable[[Path], list[MarkedSentence]]


def _read_news(path: Path) -> list[MarkedSentence]:
    return read_marked(path)[:NEWS_SENTENCES]


def _uner_news(name: str, language: str) -> LanguageSet:
    files = (f"UNER_{name}-PUD/{language}_pud-ud-test.iob2",)
    return LanguageSet(f"UNER {name}-PUD, news", language, files, _read_news)


def _unseen(read: Callable[[Path], list[MarkedSentence]], path: Path) -> list[MarkedSentence]:
    return [each for each in read(path) if hash_part(each, UNSEEN_PARTS) == UNSEEN_PART]


TABBED = partial(read_columns, word=1, tag=2, separator="\t")
SPACED = partial(read_columns, word=0, tag=-1)
BSNLP_FILES = ("ec", "trump")
TURKISH = "Turkish-Wiki-NER-Dataset"
SETS = (
    _uner_news("German", "de"),
    _uner_news("Portuguese", "pt"),
    _uner_news("Russian", "ru"),
    _uner_news("Chinese", "zh"),
    LanguageSet("UNER Portuguese-Bosque, test", "pt", ("UNER_Portuguese-Bosque/pt_bosque-ud-test.iob2",), read_marked),
    LanguageSet("UNER Chinese-GSDSIMP, test", "zh", ("UNER_Chinese-GSDSIMP/zh_gsdsimp-ud-test.iob2",), read_marked),
    LanguageSet("CoNLL-2002, test (news)", "es", ("wikineural/data/conll/es/test.conllu",), TABBED),
    LanguageSet("KIND, test (Wikinews)", "it", ("KIND/evalita-2023/WN_test.tsv",), SPACED),
    LanguageSet("WikiNEuRal, test (Wikipedia)", "fr", ("wikineural/data/wikineural/fr/test.conllu",), TABBED),
    LanguageSet("BSNLP (news)", "pl", tuple(f"wikineural/data/bsnlp/pl/{part}.conllu" for part in BSNLP_FILES), TABBED),
    LanguageSet("BSNLP (news)", "ru", tuple(f"wikineural/data/bsnlp/ru/{part}.conllu" for part in BSNLP_FILES), TABBED),
    LanguageSet("NER-UK 2.0, test", "uk", ("ner-uk/v2.0/iob/test.iob",), SPACED),
    LanguageSet(
        "Turkish Wiki NER, test", "tr", ("Turkish-Wiki-NER-Dataset/Turkish-Wiki-NER-Dataset/test.conll",), read_turkish
    ),
    LanguageSet("HiNER, unseen tenth", "hi", ("HiNER/data/collapsed/validation.conll",), partial(_unseen, SPACED)),
    LanguageSet("UNER (Urdu, news)", "ur", ("Urdu/ner/uner.txt",), read_urdu),
    LanguageSet("Wikipedia, unseen tenth", "ja", ("ner-wikipedia-dataset/ner.json",), partial(_unseen, read_japanese)),
    LanguageSet("idner-news-2k, test (news)", "id", ("idner-news-2k/test.txt",), SPACED),
    LanguageSet("Bengali-NER, test (news)", "bn", ("Bengali-NER/Input/test_data.txt",), SPACED),
)


def read_sets(folder: Path) -> Iterator[tuple[LanguageSet, list[MarkedSentence]]]:
    """Each set whose files are in the folder, with its sentences."""
    for each in SETS:
        paths = [folder / file for file in each.files]
        if all(path.is_file() for path in paths):
            yield each, [sentence for path in paths for sentence in each.read(path)][:MOST_SENTENCES]
