"""Join model: the probability that a report belongs to a story.

In: what the report and each candidate story have in common, as FEATURES. Out: a probability between 0 and 1 for each,
from a neural net with one small hidden layer (docs/decisions/0018).

The net is trained on labelled stories (`python -m training.train_join_model`); its weights are in join_model.json
beside this file. There are two nets, with and without the feature "meaning", which is known for English only.
"""

import json
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]

WEIGHTS_FILE = Path(__file__).parent / "join_model.json"
# words: square root of the mean cosine between the report's words and those of the story's reports.
# names: mean cosine between the names.
# title, share, names_share: share (weighted by idf squared) of the report's title words, words and names that the story
#   has too.
# rare: mean idf of the five rarest common words, divided by the idf of a word that never occurred.
# near: closeness in time on a normal curve: 1 when published during the story.
# rest: mean of the words' cosines with the candidates after the third best: what unrelated reports of the stream share.
# fresh: how little of the stream has been seen: 1 at its first report, towards 0 later.
# same_day, other_day, meaning: from the embeddings (see `report_embedding.compare_embeddings`).
WORD_FEATURES = ("words", "names", "title", "rare", "share", "names_share")
EMBEDDING_FEATURES = ("same_day", "other_day", "meaning")
FEATURES = (*WORD_FEATURES, "near", "rest", "fresh", *EMBEDDING_FEATURES)
SIGMA_DAYS = 2.0  # standard deviation of the curve of "near"
REST_FROM, REST_TO = 3, 9  # ranks: the best three may all be right; those after the ninth share too little to tell
FRESH_REPORTS = 10.0  # after so many reports "fresh" is 0.5


class Net(NamedTuple):
    """A trained net: mean and standard deviation (`spread`) of each feature, weights from features to hidden units,
    from hidden units to the outcome, and from features to the outcome. The field names are the keys in the file.
    """

    mean: Features
    spread: Features
    hidden: Features
    hidden_bias: Features
    outcome: Features
    direct: Features
    bias: Features


class Nets(NamedTuple):
    """A net of all FEATURES, and one of all but "meaning". The field names are the keys in the file."""

    with_meaning: Net
    without: Net


def build_features(similarities: Features, days_apart: Features, reports_seen: int, embedding: Features) -> Features:
    """One row of FEATURES for each candidate story.

    `similarities` has the WORD_FEATURES of each (but "words" as the mean cosine, without the root), `days_apart` its
    distance in time, `embedding` its EMBEDDING_FEATURES; `reports_seen` is how many reports the stream has had.
    """
    ranked = sorted(similarities[:, 0].tolist(), reverse=True)[REST_FROM:REST_TO]
    rest, fresh = fmean(ranked) if ranked else 0.0, FRESH_REPORTS / (FRESH_REPORTS + reports_seen)
    near = np.exp(days_apart * days_apart / (-2 * SIGMA_DAYS**2))
    of_stream = np.full((len(similarities), 2), (rest, fresh))
    return np.hstack([np.sqrt(similarities[:, :1]), similarities[:, 1:], near[:, None], of_stream, embedding])


def predict_probabilities(features: Features, nets: Nets) -> Features:
    """The probability (0 to 1) that the report belongs to the story, for each row of features."""
    has_meaning = ~np.isnan(features[:, -1])
    if has_meaning.all():
        return _predict(features, nets.with_meaning)
    result = _predict(features[:, :-1], nets.without)
    result[has_meaning] = _predict(features[has_meaning], nets.with_meaning)
    return result


def _predict(features: Features, net: Net) -> Features:
    scaled = (features - net.mean) / net.spread
    inner = np.tanh(scaled @ net.hidden + net.hidden_bias)
    result: Features = 1.0 / (1.0 + np.exp(-(inner @ net.outcome + scaled @ net.direct + net.bias)))
    return result


@cache
def load_nets() -> Nets:
    """The nets in WEIGHTS_FILE, read once. Raises ValueError when they were trained on other features."""
    weights = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    if weights["features"] != list(FEATURES):
        features, command = weights["features"], "python -m training.train_join_model --write"
        raise ValueError(f"{WEIGHTS_FILE.name} was learnt of {features}: run `{command}`")
    return Nets(*(Net(*(np.array(weights[net][part]) for part in Net._fields)) for net in Nets._fields))


def format_nets(nets: Nets) -> str:
    """The nets as JSON that `load_nets` reads, one line for each part."""
    lines = [f' "features": {json.dumps(FEATURES)}']
    for name, net in nets._asdict().items():
        parts = (f'  "{part}": {json.dumps(np.round(numbers, 3).tolist())}' for part, numbers in net._asdict().items())
        lines.append(f' "{name}": {{\n' + ",\n".join(parts) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"
