"""The corpora that the multilingual tagger is trained on: reads them from a folder of cloned repositories.

In: a folder that has each repository of CORPORA under its name. Out: for each, its language and its sentences with
marked names. All of them are free: what each is and its licence is in docs/decisions/0016. Texts are read where they
are and not copied.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from bench.corpus.marked_columns import read_columns
from bench.corpus.marked_names import MarkedSentence, read_marked
from bench.corpus.marked_spans import read_japanese, read_turkish
from training import word_class_corpora

# of factRuEval, which marks descriptions too: the parts of an object that are a name
RUSSIAN_NAME_PARTS = {
    **dict.fromkeys(("name", "surname", "patronymic", "nickname"), "PER"),
    "org_name": "ORG",
    "loc_name": "LOC",
}
RUSSIAN_TYPES = {"Person": "PER", "Org": "ORG", "LocOrg": "LOC", "Location": "LOC"}


class Corpus(NamedTuple):
    """A repository of a language, which of its files are read, how, and how often."""

    language: str
    repository: str
    files: tuple[str, ...]  # patterns of paths
    read: Callable[[Path], list[MarkedSentence]]
    share: float = 1.0  # of its texts that are trained on in an epoch, some of them twice where it is above 1


def read_russian(path: Path) -> list[MarkedSentence]:
    """The sentences of a document of factRuEval: `path` is its file of tokens."""
    text = path.with_suffix(".txt").read_text(encoding="utf-8")
    names = list(_russian_names(path))
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        tokens = [
            (int(row[1]), int(row[1]) + int(row[2])) for row in map(str.split, block.splitlines()) if len(row) > 3
        ]
        if tokens:
            begin, stop = tokens[0][0], tokens[-1][1]
            inside = frozenset((a - begin, b - begin, kind) for a, b, kind in names if begin <= a and b <= stop)
            found.append(MarkedSentence(text[begin:stop], [(a - begin, b - begin) for a, b in tokens], inside))
    return found


def _russian_names(path: Path) -> Iterator[tuple[int, int, str]]:
    spans = {}
    for row in map(str.split, path.with_suffix(".spans").read_text(encoding="utf-8").splitlines()):
        if len(row) > 3 and row[1] in RUSSIAN_NAME_PARTS:
            spans[row[0]] = (row[1], int(row[2]), int(row[2]) + int(row[3]))
    for line in path.with_suffix(".objects").read_text(encoding="utf-8").splitlines():
        _, kind, *numbers = line.split("#")[0].split()
        own = RUSSIAN_TYPES.get(kind)
        parts = [spans[n] for n in numbers if n in spans and RUSSIAN_NAME_PARTS[spans[n][0]] == own]
        if own and parts:
            yield min(part[1] for part in parts), max(part[2] for part in parts), own


def _uner(language: str, name: str, *parts: str, share: float = 1.0) -> Corpus:
    return Corpus(language, f"UNER_{name}", tuple(f"*-ud-{part}.iob2" for part in parts), read_marked, share)


GERMEVAL_COLUMNS = partial(read_columns, word=1, tag=2, separator="\t")
SPACED_COLUMNS = partial(read_columns, word=0, tag=-1)
CORPORA = (
    _uner("pt", "Portuguese-Bosque", "train", "dev"),
    _uner("zh", "Chinese-GSD", "train", "dev"),
    _uner("zh", "Chinese-GSDSIMP", "train", "dev"),
    _uner("hr", "Croatian-SET", "train", "dev", "test", share=0.7),
    _uner("sk", "Slovak-SNK", "train", "dev", "test"),
    _uner("sr", "Serbian-SET", "train", "dev", "test"),
    _uner("en", "English-EWT", "train", "dev", "test", share=0.6),
    Corpus("en", "CrossNER", ("ner_data/[!c]*/*.txt",), word_class_corpora.read_sentences),
    Corpus("de", "NER-datasets", ("GermEval2014/NER-de-dev.tsv", "GermEval2014/NER-de-test.tsv"), GERMEVAL_COLUMNS, 2),
    Corpus("ru", "factRuEval-2016", ("devset/*.tokens", "testset/*.tokens"), read_russian, 2),
    Corpus("tr", "Turkish-Wiki-NER-Dataset", ("*/train.conll", "*/dev.conll"), read_turkish, 0.5),
    Corpus("ja", "ner-wikipedia-dataset", ("ner.json",), read_japanese, 0.7),
    Corpus("hi", "HiNER", ("data/collapsed/validation.conll",), SPACED_COLUMNS, 0.5),
    Corpus("id", "idner-news-2k", ("train.txt", "dev.txt"), SPACED_COLUMNS, 2),
    Corpus("bn", "Bengali-NER", ("Input/train_data.txt",), SPACED_COLUMNS, 1.5),
)


def read_corpus(corpus: Corpus, folder: Path) -> list[MarkedSentence]:
    """The sentences of a corpus. Raises OSError, FileNotFoundError where it has no file."""
    paths = sorted({path for pattern in corpus.files for path in (folder / corpus.repository).glob(pattern)})
    if not paths:
        raise FileNotFoundError(f"{folder / corpus.repository} has no {corpus.files}")
    return [each for path in paths for each in corpus.read(path)]
