"""A report and the stories that it may belong to -> how sure it is that it belongs to each.

In: what each pair has in common, as FEATURES. Out: a chance between 0 and 1, by weights that were learnt from stories
whose reports are known (`python -m bench.train_stories`) and lie beside this file (docs/decisions/0018).
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]

Learnt = tuple[Features, float]

WEIGHTS = Path(__file__).parent / "joining.json"
# words: root of the mean cosine with the story's reports. names: mean cosine of the names. title: of what the report's
# title says, the share that the story says too. rare: how much the five rarest common words say, against a word that
# was never met. near: the time apart, 1 for none, on a normal curve. rest: mean cosine with the stories after the third
# best: what unrelated reports of this stream have in common. fresh: how little of the stream is known.
FEATURES = ("words", "names", "title", "rare", "near", "words_near", "rest", "fresh")
SIGMA_DAYS = 2.0
BEST, REST = 3, 9  # the best three may all be right; those after the ninth share too little to tell
FRESH_REPORTS = 10.0


def features(similar: Features, near: Features, read: int) -> Features:
    """A row of FEATURES for each candidate.

    `similar` has a row of mean cosine of words, of names, title, rare for each; `near` seconds apart in days; `read` is
    how many reports the stream has had.
    """
    words = np.sqrt(similar[:, 0])
    ranked = np.sort(similar[:, 0])[::-1][BEST:REST]
    rest = float(ranked.mean()) if len(ranked) else 0.0
    close = np.exp(-(near**2) / (2 * SIGMA_DAYS**2))
    alike = np.full(len(similar), rest), np.full(len(similar), FRESH_REPORTS / (FRESH_REPORTS + read))
    return np.column_stack([words, similar[:, 1:], close, words * close, *alike])


def chances(found: Features, known: Learnt) -> Features:
    """How sure it is, 0 to 1, for each row of features, by the weights and the bias that are known."""
    weights, bias = known
    result: Features = 1.0 / (1.0 + np.exp(-(found @ weights + bias)))
    return result


@cache
def learnt() -> Learnt:
    """The weights of FEATURES, and the bias."""
    return read(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def read(said: Mapping[str, Any]) -> Learnt:
    """Weights as they are written down."""
    return np.array([said["weights"][name] for name in FEATURES]), float(said["bias"])
