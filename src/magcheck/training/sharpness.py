"""Sharpness: how far the head's log-odds can be trusted, for each statement by itself.

One temperature for all statements (Guo et al. 2017) is too sure of those in which one small word decides, or not sure
enough of plain ones. Which a statement is can be learnt: a ridge regression on the features kept for stance predicts
whether a network that had not seen it misreads it (as Corbière et al. 2019 do, who learn a network's confidence from
its mistakes), and whether it is such as people ask. Log-odds are multiplied by a number that is linear in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import Ridge

from magcheck.chances import chances_of, of_labels
from magcheck.model import sharp
from magcheck.training.design import Floats
from magcheck.training.head import Head
from magcheck.training.stance import Fitted, Stance
from magcheck.training.trial import Trial
from magcheck.verdict import BASES

# Whether two bases are of one label (4, 4).
_SAME = of_labels(np.eye(len(BASES))) @ of_labels(np.eye(len(BASES))).T
# Weight of the squared coefficients; of a few statements, signs tell little.
_DECAY = 1e-4
# A coarse solution is enough: signs of mistakes are not told more sharply by a finer one.
_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Stance scores with sharpness behind them, and the head that turns them into probabilities."""

    fitted: Fitted
    head: Head

    def chances(self, scores: Floats) -> Floats:
        """Return the probability of each basis (n, 4), given scores (n, r + 1)."""
        return chances_of(self.head.log_odds(scores[:, :-1]) * sharp(scores[:, -1:]))


def fit_sharpness(trial: Trial, stance: Sequence[Stance], counted: NDArray[np.bool_]) -> list[Calibrated]:
    """Fit how far stance can be trusted, for each of the trial's wholes that `stance` was fitted on.

    It is judged on statements that stance had not learnt from, most of all on those `counted` (t,).
    """
    chosen, tried = trial.chosen, trial.tried
    bases = trial.bases[tried]
    odds = trial.unseen(stance, lambda one, rows: one.head.log_odds(one.fitted.scores[rows]))
    misread = (_SAME[bases] * np.eye(len(BASES))[odds.argmax(axis=1)]).sum(axis=1) == 0
    targets = np.column_stack((misread, trial.asked[tried])).astype(np.float64)
    signs = Parallel(trial.jobs)(
        delayed(_regression)(trial, one.fitted.columns, targets, kept)
        for one, kept in zip(stance, trial.wholes, strict=True)
    )
    unseen = trial.unseen(signs, lambda one, rows: one.scores[rows])
    counts = chosen.asking * counted / counted.sum() + (1 - chosen.asking) / len(counted)
    weights, start = sharpness_of(odds, unseen, bases, counts)
    return [
        Calibrated(_beside(one.fitted, sign, weights, start), one.head) for one, sign in zip(stance, signs, strict=True)
    ]


def _beside(scores: Fitted, signs: Fitted, weights: Floats, start: float) -> Fitted:
    """Return scores and, behind them, the sharpness that signs on the same columns amount to."""
    return Fitted(
        scores.columns,
        np.vstack((scores.weights, weights @ signs.weights)),
        np.append(scores.bias, weights @ signs.bias + start),
        np.column_stack((scores.scores, signs.scores @ weights + start)),
    )


def _regression(trial: Trial, columns: NDArray[np.intp], targets: Floats, kept: NDArray[np.bool_]) -> Fitted:
    """Fit the targets (t, 2) of those rows that were tried and are `kept`, and score every row."""
    matrix, own = trial.design.weighted(columns), kept[trial.tried]
    found = Ridge(trial.chosen.doubt_penalty, solver="sparse_cg", tol=_TOLERANCE)
    found.fit(matrix[trial.tried[own]], targets[own])
    return Fitted(columns, found.coef_, found.intercept_, found.predict(matrix))


def sharpness_of(odds: Floats, signs: Floats, bases: NDArray[np.intp], counts: Floats) -> tuple[Floats, float]:
    """Find the sharpness with which the right labels surprise least.

    Parameters
    ----------
    odds, signs, bases : float (n, 4), float (n, s), int (n,)
        Log-odds and signs of statements, and the numbers of the bases that are right.
    counts : float (n,)
        How much each statement counts; together they come to 1.

    Returns
    -------
    weights, start : float (s,), float
        What each sign adds to a statement's sharpness, and where it starts.
    """
    extended = np.column_stack((signs, np.ones(len(signs))))
    right = _SAME[bases]

    def loss(weights: Floats) -> tuple[float, Floats]:
        linear = extended @ weights
        chances = chances_of(odds * sharp(linear)[:, None])
        true = chances * right
        told = true.sum(axis=1) + 1e-12
        slope = ((chances - true / told[:, None]) * odds).sum(axis=1) * (sharp(linear) == linear)
        surprise = -(counts * np.log(told)).sum() + _DECAY * (weights[:-1] ** 2).sum()
        return float(surprise), extended.T @ (counts * slope) + 2 * _DECAY * np.append(weights[:-1], 0.0)

    found = minimize(loss, np.append(np.zeros(signs.shape[1]), 1.0), jac=True, method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])
