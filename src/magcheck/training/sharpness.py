"""Sharpness: how far the head's log-odds can be trusted, for each statement by itself.

One temperature for all statements (Guo et al. 2017) is too sure of those in which one small word decides, or not sure
enough of plain ones. Which a statement is can be learnt: a ridge regression on all of its features predicts whether a
network that had not seen it misreads it (as Corbière et al. 2019 do, who learn a network's confidence from its
mistakes), and whether it is such as people ask. Log-odds are multiplied by a number that is linear in both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize

from magcheck.model import of_labels, sharp
from magcheck.training.design import Design, Floats
from magcheck.training.head import chances_of
from magcheck.training.settings import Settings
from magcheck.training.stance import Fitted, regression, unseen_scores
from magcheck.verdict import BASES

# Whether two bases are of one label (4, 4).
_SAME = of_labels(np.eye(len(BASES))) @ of_labels(np.eye(len(BASES))).T
# Weight of the squared coefficients; of a few statements, signs tell little.
_DECAY = 1e-4


def fit_sharpness(
    design: Design,
    columns: Sequence[NDArray[np.intp]],
    odds: Floats,
    bases: NDArray[np.intp],
    folds: NDArray[np.intp],
    asked: NDArray[np.bool_],
    counted: NDArray[np.bool_],
    chosen: Settings,
    jobs: int,
) -> tuple[list[Fitted], Floats]:
    """Fit sharpness to log-odds (n, 4) that each statement got where it had not been seen.

    Parameters
    ----------
    columns
        Of the design, for each fold those told of stance by the rows of the others, and behind them by all.
    asked, counted : bool (n,)
        Which statements are such as people ask, and which of these confidence is calibrated on.

    Returns
    -------
    fitted, sharpness
        The regressions, of one score; and the sharpness (n, 1) of each row where it has not been seen.
    """
    misread = (_SAME[bases] * np.eye(len(BASES))[odds.argmax(axis=1)]).sum(axis=1) == 0
    targets = np.column_stack((misread, asked)).astype(np.float64)
    wholes = [folds != fold for fold in range(chosen.folds)] + [np.ones(len(bases), dtype=bool)]
    signs = Parallel(n_jobs=jobs)(
        delayed(regression)(design, own, targets, kept, chosen.doubt_penalty)
        for own, kept in zip(columns, wholes, strict=True)
    )
    unseen = unseen_scores(signs, folds)
    counts = chosen.asking * counted / counted.sum() + (1 - chosen.asking) / len(counted)
    weights, start = sharpness_of(odds, unseen, bases, counts)
    turned = [one.turned(weights[:, None]) for one in signs]
    shifted = [Fitted(one.columns, one.weights, one.bias + start, one.scores + start) for one in turned]
    return shifted, sharp(unseen @ weights + start)[:, None]


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
