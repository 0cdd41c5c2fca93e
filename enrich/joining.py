"""A report and the stories that it may belong to -> how sure it is that it belongs to each.

In: what each pair has in common, as FEATURES. Out: a chance between 0 and 1, by a net of one small hidden layer. It
was learnt from stories whose reports are known (`python -m bench.train_stories`); its numbers lie beside this file
(docs/decisions/0018).
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]

WEIGHTS = Path(__file__).parent / "joining.json"
# words: root of the mean cosine with the story's reports. names: mean cosine of the names. title: of what the report's
# title says, the share that the story says too; share and names_share: the same of all its words, and of its names.
# rare: how much the five rarest common words say, against a word that was never met. near: the time apart, 1 for none,
# on a normal curve. rest: mean cosine with the stories after the third best: what unrelated reports of this stream have
# in common. fresh: how little of the stream is known.
FEATURES = ("words", "names", "title", "rare", "share", "names_share", "near", "rest", "fresh")
SIGMA_DAYS = 2.0
BEST, REST = 3, 9  # the best three may all be right; those after the ninth share too little to tell
FRESH_REPORTS = 10.0


class Net(NamedTuple):
    """What was learnt: mean and spread of each feature, weights of the features for each hidden unit, of the units for
    the outcome, and of the features for the outcome directly.
    """

    mean: Features
    spread: Features
    hidden: Features
    hidden_bias: Features
    outcome: Features
    direct: Features
    bias: Features


def features(similar: Features, near: Features, read: int) -> Features:
    """A row of FEATURES for each candidate.

    `similar` has a row of mean cosine of words, of names, title, rare and both shares for each; `near` is the days
    between; `read` how many reports the stream has had.
    """
    found = np.empty((len(similar), len(FEATURES)))
    ranked = sorted(similar[:, 0].tolist(), reverse=True)[BEST:REST]
    found[:, 0] = np.sqrt(similar[:, 0])
    found[:, 1:-3] = similar[:, 1:]
    found[:, -3] = np.exp(near * near / (-2 * SIGMA_DAYS**2))
    found[:, -2] = fmean(ranked) if ranked else 0.0
    found[:, -1] = FRESH_REPORTS / (FRESH_REPORTS + read)
    return found


def chances(found: Features, net: Net) -> Features:
    """How sure it is, 0 to 1, for each row of features."""
    scaled = (found - net.mean) / net.spread
    inner = np.tanh(scaled @ net.hidden + net.hidden_bias)
    result: Features = 1.0 / (1.0 + np.exp(-(inner @ net.outcome + scaled @ net.direct + net.bias)))
    return result


@cache
def learnt() -> Net:
    """The net that is used."""
    return read(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def read(said: Mapping[str, Any]) -> Net:
    """A net as it is written down."""
    if said["features"] != list(FEATURES):
        raise ValueError(
            f"{WEIGHTS.name} was learnt of {said['features']}: run `python -m bench.train_stories --write`"
        )
    return Net(*(np.array(said[name], np.float64) for name in Net._fields))


def written(net: Net) -> dict[str, Any]:
    """What `read` reads."""
    numbers = {name: np.round(part, 3).tolist() for name, part in net._asdict().items()}
    return {"features": list(FEATURES), **numbers}
