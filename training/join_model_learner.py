"""Join model learner: fits a neural net with one small hidden layer (enrich/clustering/join_model.Net) to examples.

In: features, labels and weights of examples. Out: the net. Trained with Adam (Kingma and Ba 2015) on random batches,
with cross-entropy loss weighted by example. Several nets are trained from different random numbers and their logits are
averaged, which makes them one net with the hidden units of all.
"""

import numpy as np
import numpy.typing as npt

from enrich.clustering.join_model import Net

Column = npt.NDArray[np.float64]

UNITS = 8  # hidden, of each net
NETS = 8
STEPS = 1_500
BATCH = 8_192  # examples
RATE = 0.02  # learning rate at the first step; it falls to 0
RIDGE = 1e-4  # L2 regularisation
FIRST, SECOND = 0.9, 0.999  # Adam's decay rates of the first and second moment


def fit_net(rows: Column, right: Column, shares: Column) -> Net:
    """Fits a net to examples: `rows` are their features, `right` their labels (1 or 0), `shares` their weights."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    scaled, shares = (rows - mean) / spread, shares / shares.mean()
    nets = [_fit_from_seed(scaled, right, shares, np.random.default_rng(seed)) for seed in range(NETS)]
    hidden, hidden_bias, outcome, direct, bias = zip(*nets, strict=True)
    return Net(
        mean,
        spread,
        np.concatenate(hidden, axis=1),
        np.concatenate(hidden_bias),
        np.concatenate(outcome) / NETS,
        np.sum(direct, axis=0) / NETS,
        np.sum(bias, axis=0) / NETS,
    )


def _fit_from_seed(scaled: Column, right: Column, shares: Column, chosen: np.random.Generator) -> list[Column]:
    width = scaled.shape[1]
    parts: list[Column] = [
        chosen.normal(0, 0.4, (width, UNITS)),
        np.zeros(UNITS),
        chosen.normal(0, 0.3, (UNITS,)),
        chosen.normal(0, 0.1, (width,)),
        np.array(-2.0),
    ]
    means, squares = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    for step in range(1, STEPS + 1):
        some = chosen.integers(0, len(scaled), BATCH)
        gradients = _gradients(parts, scaled[some], right[some], shares[some])
        rate = RATE * (1 - step / STEPS)
        for n, gradient in enumerate(gradients):
            means[n] = FIRST * means[n] + (1 - FIRST) * gradient
            squares[n] = SECOND * squares[n] + (1 - SECOND) * gradient**2
            steadied = np.sqrt(squares[n] / (1 - SECOND**step)) + 1e-8
            parts[n] = parts[n] - rate * means[n] / (1 - FIRST**step) / steadied
    return parts


def _gradients(parts: list[Column], scaled: Column, right: Column, shares: Column) -> list[Column]:
    hidden, hidden_bias, outcome, direct, bias = parts
    inner: Column = np.tanh(scaled @ hidden + hidden_bias)
    sure: Column = 1.0 / (1.0 + np.exp(-(inner @ outcome + scaled @ direct + bias)))
    wrong = shares * (sure - right) / len(scaled)
    behind = np.outer(wrong, outcome) * (1 - inner**2)
    loss = [scaled.T @ behind, behind.sum(axis=0), inner.T @ wrong, scaled.T @ wrong, np.asarray(wrong.sum())]
    return [np.asarray(gradient + RIDGE * part) for gradient, part in zip(loss, parts, strict=True)]
