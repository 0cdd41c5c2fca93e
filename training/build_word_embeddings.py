"""Builds enrich/clustering/word_embeddings.tsv: `python -m training.build_word_embeddings CORPUS MODEL`, a minute.

CORPUS is ../shared/corpus; MODEL the folder that training/language_model_vectors.py reads. The vector of a word piece
is that of the language model, minus the mean of all news, times the piece's inverse document frequency in the news of
background/, projected to the principal components of those articles.
"""

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.corpus.articles import file_digest, read_rows
from enrich.clustering import report_embedding
from enrich.clustering.vectors import weigh_terms
from enrich.entities import word_pieces
from training import language_model_vectors

ABOUT = """\
# What pieces of words mean, as far as news differs by it: 62 sums of the word vectors of all-MiniLM-L6-v2
# (sentence-transformers, Apache-2.0), written by training/build_word_embeddings.py. A piece ("##": it goes on with a
# word), and base64 of whole numbers of 8 bits.
"""
CLIPPED = 0.1  # per cent of the numbers are clipped to 8 bits
Floats = NDArray[np.float64]


def build_embeddings(
    articles: Sequence[Mapping[str, float]], known: Mapping[str, NDArray[np.float32]]
) -> dict[str, bytes]:
    """The embedding of each word piece, as bytes (signed 8-bit numbers).

    `articles` are the weighted words of articles; `known` has the language model's vector of each piece.
    """
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
    directions = np.linalg.eigh(np.cov(meant.T))[1][:, ::-1][:, : report_embedding.MEANING_DIMENSIONS]
    projected = vectors @ directions
    whole = np.clip(
        np.rint(projected / np.percentile(np.abs(projected), 100 - CLIPPED) * report_embedding.LARGEST_NUMBER),
        -report_embedding.LARGEST_NUMBER,
        report_embedding.LARGEST_NUMBER,
    )
    return {name: row.astype(np.int8).tobytes() for name, row in zip(names, whole, strict=True)}


def main() -> None:
    """Writes word_embeddings.tsv."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    background = Path(sys.argv[1]) / "background" / "articles.jsonl.gz"
    articles = [weigh_terms(row["title"], row["text"], "en") for row in read_rows(background)]
    table = build_embeddings(articles, language_model_vectors.read_piece_vectors(Path(sys.argv[2])))
    report_embedding.EMBEDDINGS_FILE.write_text(word_pieces.format_table(ABOUT, table), encoding="utf-8")
    read = f"{len(articles)} articles of {background.name} {file_digest(background)}"
    print(f"{read}, {len(table)} pieces: {report_embedding.EMBEDDINGS_FILE.name}")


if __name__ == "__main__":
    main()
