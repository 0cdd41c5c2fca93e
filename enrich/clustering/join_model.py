"""A report and the stories that it may belong to -> how sure it is that it belongs to each.

In: what each pair has in common, as FEATURES. Out: a chance between 0 and 1, by a net of one small hidden layer. It
was learnt from stories whose reports are known (`python -m training.train_join_model`); its numbers lie beside this
file (docs/decisions/0018): those of two nets, for what words mean is not known in every language.
"""

import json
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]

WEIGHTS = Path(__file__).parent / "join_model.json"
# words: root of the mean cosine with the story's reports. names: mean cosine of the names. title: of what the report's
# title says, the share that the story says too; share and names_share: the same of all its words, and of its names.
# rare: how much the five rarest common words say, against a word that was never met. near: the time apart, 1 for none,
# on a normal curve. rest: mean cosine with the stories after the third best: what unrelated reports of this stream have
# in common. fresh: how little of the stream is known. The others are of their gists
# (enrich/clustering/report_embedding): which share of the story's reports speak of the report's day of the week, and
# which of others only; mean cosine of what they mean, not a number where that is not known.
OF_WORDS = ("words", "names", "title", "rare", "share", "names_share")
OF_GISTS = ("same_day", "other_day", "meaning")
FEATURES = (*OF_WORDS, "near", "rest", "fresh", *OF_GISTS)
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


class Nets(NamedTuple):
    """A net of all FEATURES, and one of all but the meaning."""

    with_meaning: Net
    without: Net


def features(similar: Features, near: Features, read: int, gists: Features) -> Features:
    """A row of FEATURES for each candidate.

    `similar` has a row of mean cosine of words, of names, title, rare and both shares for each; `near` is the days
    between; `read` how many reports the stream has had; `gists` has what `gist.compared` says of each.
    """
    ranked = sorted(similar[:, 0].tolist(), reverse=True)[BEST:REST]
    rest, fresh = fmean(ranked) if ranked else 0.0, FRESH_REPORTS / (FRESH_REPORTS + read)
    close = np.exp(near * near / (-2 * SIGMA_DAYS**2))
    of_stream = np.full((len(similar), 2), (rest, fresh))
    return np.hstack([np.sqrt(similar[:, :1]), similar[:, 1:], close[:, None], of_stream, gists])


def chances(found: Features, nets: Nets) -> Features:
    """How sure it is, 0 to 1, for each row of features."""
    known = ~np.isnan(found[:, -1])
    if known.all():
        return _chances(found, nets.with_meaning)
    result = _chances(found[:, :-1], nets.without)
    result[known] = _chances(found[known], nets.with_meaning)
    return result


def _chances(found: Features, net: Net) -> Features:
    scaled = (found - net.mean) / net.spread
    inner = np.tanh(scaled @ net.hidden + net.hidden_bias)
    result: Features = 1.0 / (1.0 + np.exp(-(inner @ net.outcome + scaled @ net.direct + net.bias)))
    return result


@cache
def learnt() -> Nets:
    """The nets that are used."""
    said = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    if said["features"] != list(FEATURES):
        raise ValueError(
            f"{WEIGHTS.name} was learnt of {said['features']}: run `python -m training.train_join_model --write`"
        )
    return Nets(*(Net(*(np.array(said[net][part]) for part in Net._fields)) for net in Nets._fields))


def written(nets: Nets) -> str:
    """What `learnt` reads, a line for each part."""
    lines = [f' "features": {json.dumps(FEATURES)}']
    for name, net in nets._asdict().items():
        parts = (f'  "{part}": {json.dumps(np.round(numbers, 3).tolist())}' for part, numbers in net._asdict().items())
        lines.append(f' "{name}": {{\n' + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"
