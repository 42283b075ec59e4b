"""The head: small networks from stance scores to the log-odds of the four bases, and their calibration."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from magcheck.training.design import Floats
from magcheck.verdict import BASES


@dataclass(frozen=True, slots=True)
class Size:
    """Units, penalty, passes, number and seed of the networks, and the parts they are calibrated across."""

    hidden: int
    decay: float
    epochs: int
    heads: int
    folds: int
    seed: int


def network(scores: Floats, bases: NDArray[np.intp], size: Size, seed: int) -> MLPClassifier:
    """Fit one network on stance scores (n, r) and the number of each statement's basis (n,)."""
    fitted = MLPClassifier(
        (size.hidden,),
        alpha=size.decay,
        batch_size=min(128, len(scores)),
        max_iter=size.epochs,
        n_iter_no_change=size.epochs,
        random_state=size.seed + seed,
    )
    with warnings.catch_warnings():
        # Stopping after a set number of passes is the intent, not a failure to converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fitted.fit(scores / _spread(scores), bases)


def _spread(scores: Floats) -> Floats:
    return np.asarray(scores.std(axis=0) + 1e-6)


def _log_odds(fitted: MLPClassifier, scores: Floats, spread: Floats) -> Floats:
    raised = np.maximum(scores / spread @ fitted.coefs_[0] + fitted.intercepts_[0], 0)
    return np.asarray(raised @ fitted.coefs_[1] + fitted.intercepts_[1])


def calibrated(
    scores: Floats,
    bases: NDArray[np.intp],
    folds: NDArray[np.intp],
    alone: NDArray[np.bool_],
    size: Size,
    jobs: int,
) -> tuple[float, Floats]:
    """Find the number that log-odds are divided by to be calibrated (Guo et al. 2017), across folds.

    Only rows outside contrast groups count (`alone`): people ask one thing at a time, not its hardest neighbours.

    Returns
    -------
    temperature, chances
        The number, and the probabilities (n, 4) that each statement gets from a network that has not seen it.
    """
    numbers = range(size.folds)
    networks = Parallel(n_jobs=jobs)(
        delayed(network)(scores[folds != fold], bases[folds != fold], size, 0) for fold in numbers
    )
    odds = np.zeros((len(scores), len(BASES)))
    for fold, fitted in zip(numbers, networks, strict=True):
        odds[folds == fold] = _log_odds(fitted, scores[folds == fold], _spread(scores[folds != fold]))
    counted = alone if alone.any() else ~alone

    def loss(temperature: float) -> float:
        right = _chances(odds / temperature)[np.arange(len(bases)), bases]
        return float(-np.log(right + 1e-12)[counted].mean())

    temperature = float(minimize_scalar(loss, bounds=(0.3, 3.0), method="bounded").x)
    return temperature, _chances(odds / temperature)


def _chances(odds: Floats) -> Floats:
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def stacked(
    heads: Sequence[MLPClassifier], scores: Floats, temperature: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the networks as one, whose log-odds are their mean."""
    spread = _spread(scores)
    scale = len(heads) * temperature
    hidden = np.concatenate([head.coefs_[0] for head in heads], axis=1) / spread[:, None]
    hidden_bias = np.concatenate([head.intercepts_[0] for head in heads])
    out = np.concatenate([head.coefs_[1] for head in heads]) / scale
    out_bias = np.sum([head.intercepts_[1] for head in heads], axis=0) / scale
    return hidden, hidden_bias, out, out_bias
