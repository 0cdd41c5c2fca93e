"""Writes enrich/clustering/word_embeddings.tsv: `python -m training.build_word_embeddings CORPUS MODEL`, a minute.

CORPUS is ../shared/corpus; MODEL the folder that training/language_model_vectors.py reads. The vector of a piece of
words is the language model's, as often as the piece is rare in the news of background/ (logarithm of one in how many
articles has it), less what all news has, in the directions in which those articles differ most (their principal
components).
"""

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.corpus.articles import digest, rows
from enrich.clustering import report_embedding
from enrich.clustering.vectors import weigh
from enrich.entities import word_pieces
from training import language_model_vectors

ABOUT = """\
# What pieces of words mean, as far as news differs by it: 62 sums of the word vectors of all-MiniLM-L6-v2
# (sentence-transformers, Apache-2.0), written by training/build_word_embeddings.py. A piece ("##": it goes on with a
# word), and base64 of whole numbers of 8 bits.
"""
CLIPPED = 0.1  # per cent of the numbers are larger than what 8 bits can say
Floats = NDArray[np.float64]


def build(articles: Sequence[Mapping[str, float]], known: Mapping[str, NDArray[np.float32]]) -> dict[str, bytes]:
    """The numbers of each piece, as bytes; `articles` are their words, with how much each counts."""
    names = list(known)
    place = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(articles), len(names)), np.float32)  # how much of each piece is in each article
    for row, terms in zip(counts, articles, strict=True):
        for word, weight in terms.items():
            cut = word_pieces.split_word(word, known)
            for piece in cut:
                row[place[piece]] += weight / len(cut)
    rarity = np.array([math.log(len(articles) / (each + 0.5)) for each in np.count_nonzero(counts, axis=0).tolist()])
    vectors = np.stack([known[name] for name in names]).astype(float)
    weighed = counts.sum(axis=0) * rarity
    vectors = (vectors - weighed @ vectors / weighed.sum()) * rarity[:, None]
    meant: Floats = counts @ vectors
    meant /= np.linalg.norm(meant, axis=1, keepdims=True) + 1e-9
    directions = np.linalg.eigh(np.cov(meant.T))[1][:, ::-1][:, : report_embedding.MEANT]
    told = vectors @ directions
    whole = np.clip(
        np.rint(told / np.percentile(np.abs(told), 100 - CLIPPED) * report_embedding.LARGEST),
        -report_embedding.LARGEST,
        report_embedding.LARGEST,
    )
    return {name: row.astype(np.int8).tobytes() for name, row in zip(names, whole, strict=True)}


def main() -> None:
    """Writes the file."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    background = Path(sys.argv[1]) / "background" / "articles.jsonl.gz"
    articles = [weigh(row["title"], row["text"], "en") for row in rows(background)]
    table = build(articles, language_model_vectors.read_piece_vectors(Path(sys.argv[2])))
    report_embedding.FILE.write_text(word_pieces.format_table(ABOUT, table), encoding="utf-8")
    read = f"{len(articles)} articles of {background.name} {digest(background)}"
    print(f"{read}, {len(table)} pieces: {report_embedding.FILE.name}")


if __name__ == "__main__":
    main()
