"""Trains the multilingual tagger, and writes enrich/entities/multilingual/multilingual_tagger.npz anew: `python -m
training.multilingual.train_multilingual_tagger FOLDER MODEL`.

FOLDER has clones of the repositories that training/multilingual/corpora.py names; MODEL is the file that
training/multilingual/sentencepiece_vectors.py reads. A tenth of each corpus is left out and measured on. Three minutes
of an idle processor.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.corpus.language_sets import UNSEEN_PART, UNSEEN_PARTS
from bench.corpus.marked_names import MarkedSentence, hash_part
from bench.names.name_scores import score_names
from enrich.entities import tagger
from enrich.entities.multilingual.convolution_tagger import FILE, ConvolutionTagger, save_tagger
from enrich.entities.multilingual.piece_vectors import PieceVocabulary
from enrich.entities.multilingual.text_words import TextWords, split_text
from enrich.entities.multilingual.word_features import word_features
from training.multilingual.convolution_learner import ConvolutionLearner, TaggedText
from training.multilingual.corpora import CORPORA, read_corpus
from training.multilingual.sentencepiece_vectors import PieceTable, read_piece_table

TEXT_WORDS = 60  # sentences that stand together are trained on together, until there are so many words
# characters of the scripts in which names are learnt: Latin, Cyrillic, Arabic, Devanagari, Bengali, kana, Han
SCRIPTS = ((0x41, 0x24F), (0x400, 0x52F), (0x600, 0x6FF), (0x900, 0x9FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF))
FREQUENT_PIECES = 60_000  # of these all are kept, of the rarer ones those with a capital or of a script without


def choose_pieces(table: PieceTable) -> PieceTable:
    """The pieces that are kept."""
    kept = [at for at, piece in enumerate(table.pieces) if _is_kept(at, piece.removeprefix("▁"))]
    return PieceTable([table.pieces[at] for at in kept], table.vectors[kept])


def _is_kept(rank: int, piece: str) -> bool:
    if not piece or not all(any(a <= ord(c) <= b for a, b in SCRIPTS) or c in "-" for c in piece):
        return False
    return rank < FREQUENT_PIECES or not piece[0].islower()


def tagged_texts(
    sentences: Sequence[MarkedSentence], language: str, vocabulary: PieceVocabulary
) -> Iterator[TaggedText]:
    """The sentences as numbers, several together."""
    for group in _group_sentences(sentences):
        text, names = _join(group)
        words = split_text(text)
        cut = vocabulary.cut_words(words.words)
        yield TaggedText(cut.numbers, word_features(words, language, cut.goes_on), _tags(words, names))


def _group_sentences(sentences: Sequence[MarkedSentence]) -> Iterator[list[MarkedSentence]]:
    group: list[MarkedSentence] = []
    for each in sentences:
        if sum(len(other.tokens) for other in group) + len(each.tokens) > TEXT_WORDS and group:
            yield group
            group = []
        group.append(each)
    yield group


def _join(group: Sequence[MarkedSentence]) -> tuple[str, list[tuple[int, int, str]]]:
    """One text of several sentences, each on a line of its own or not, and the names in it."""
    text, names = "", list[tuple[int, int, str]]()
    for each in group:
        text += ("\n" if hash_part(each, 4) == 0 else " ") if text else ""
        names += [(start + len(text), end + len(text), kind) for start, end, kind in each.names]
        text += each.text
    return text, names


def _tags(words: TextWords, names: Sequence[tuple[int, int, str]]) -> list[int]:
    tags = [tagger.OUTSIDE] * len(words.words)
    for start, end, kind in names:
        inside = [at for at, a in enumerate(words.starts) if a < end and a + len(words.words[at]) > start]
        for at in inside:
            tags[at] = tagger.TAGS.index(f"{'B' if at == inside[0] else 'I'}-{kind}")
    return tags


def print_scores(held_out: dict[str, list[MarkedSentence]], found_by: ConvolutionTagger) -> None:
    """Prints the scores on the sentences of each language."""
    for language, sentences in held_out.items():
        found = [find_spans(each.text, language, found_by) for each in sentences]
        print(f"{language} {len(sentences)} sentences: {score_names(sentences, found)}", flush=True)


def find_spans(text: str, language: str, found_by: ConvolutionTagger) -> set[tuple[Any, ...]]:
    """The names of a text: start and end in characters, and type."""
    words = split_text(text)
    return {
        (words.starts[start], words.starts[end - 1] + len(words.words[end - 1]), label)
        for start, end, label in found_by.find_names(words, language)
    }


def choose_texts(texts: Sequence[TaggedText], share: float, order: random.Random) -> list[TaggedText]:
    """So many of the texts as `share` says: all of them as often as it has wholes, and by chance a part of them."""
    whole, part = divmod(share, 1)
    return [*order.sample(texts, int(len(texts) * part)), *(list(texts) * int(whole))]


def main() -> None:
    """Trains, prints the scores on the unseen tenth of each corpus, and writes the weights."""
    folder, model = (Path(each) for each in sys.argv[1:])
    table, order = choose_pieces(read_piece_table(model)), random.Random(1)
    vocabulary, texts = PieceVocabulary(table.pieces), list[TaggedText]()
    held_out: defaultdict[str, list[MarkedSentence]] = defaultdict(list)
    for corpus in CORPORA:
        seen, unseen = _divide(read_corpus(corpus, folder))
        held_out[corpus.language] += unseen
        texts += choose_texts(list(tagged_texts(seen, corpus.language, vocabulary)), corpus.share, order)
    learner = ConvolutionLearner(texts, table.vectors)
    learner.learn()
    numbers, weights = learner.export()
    save_tagger(FILE, table.pieces, numbers, weights)
    print(f"{len(table.pieces)} pieces, {FILE.name}: {FILE.stat().st_size / 1024:.0f} KiB")
    print_scores(held_out, ConvolutionTagger(vocabulary, numbers, weights))


def _divide(sentences: Sequence[MarkedSentence]) -> tuple[list[MarkedSentence], list[MarkedSentence]]:
    """The sentences that are trained on, and the others."""
    unseen = [each for each in sentences if hash_part(each, UNSEEN_PARTS) == UNSEEN_PART]
    return [each for each in sentences if hash_part(each, UNSEEN_PARTS) != UNSEEN_PART], unseen


if __name__ == "__main__":
    main()
