"""Stance scores: a ridge regression of many targets at once, seen from the directions that tell the head most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray

from magcheck.training.design import Design, Floats
from magcheck.training.head import directions, network
from magcheck.training.ridge import ridge
from magcheck.training.settings import Settings
from magcheck.verdict import BASES


@dataclass(frozen=True, slots=True)
class Fitted:
    """A ridge regression: its columns of the design, coefficients (t, d), intercepts (t,), and all rows' scores."""

    columns: NDArray[np.intp]
    weights: Floats
    bias: Floats
    scores: Floats

    def score(self, design: Design) -> Floats:
        """Return the scores (n, t) of the rows of a design."""
        return np.asarray(design.weighted(self.columns) @ self.weights.T + self.bias)

    def turned(self, directions: Floats) -> Fitted:
        """Return the regression of as many scores as there are directions (t, k) to look at these from."""
        return Fitted(self.columns, directions.T @ self.weights, self.bias @ directions, self.scores @ directions)

    def beside(self, other: Fitted) -> Fitted:
        """Return the regression of these scores and, behind them, those of another on the same columns."""
        return Fitted(
            self.columns,
            np.vstack((self.weights, other.weights)),
            np.append(self.bias, other.bias),
            np.column_stack((self.scores, other.scores)),
        )


def fit_scores(
    design: Design,
    targets: Floats,
    bases: NDArray[np.intp],
    kept: NDArray[np.bool_],
    features: int,
    penalty: float,
    counts: Floats,
) -> Fitted:
    """Fit scores on the rows `kept`, over the features that tell most of the basis there, and score every row.

    Each row counts as much as `counts` (n,) says.
    """
    columns = telling(design.present, np.eye(len(BASES))[bases], kept, features)
    return regression(design, columns, targets, kept, penalty, counts)


def regression(
    design: Design,
    columns: NDArray[np.intp],
    targets: Floats,
    kept: NDArray[np.bool_],
    penalty: float,
    counts: Floats | None = None,
) -> Fitted:
    """Fit targets (n, t) on the rows `kept` over the columns of a design, and score every row."""
    matrix = design.weighted(columns)
    weights, bias = ridge(matrix[kept], targets[kept], penalty, None if counts is None else counts[kept])
    return Fitted(columns, weights, bias, matrix @ weights.T + bias)


def telling(present: sp.csr_matrix, targets: Floats, kept: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the columns whose presence explains most of the targets' variance among the rows `kept`."""
    has = present[kept].copy()
    has.data = np.ones_like(has.data)
    summed = has.T @ (targets[kept] - targets[kept].mean(axis=0))
    # The constant keeps features of a handful of statements from looking certain.
    explained = (summed**2).sum(axis=1) / (np.asarray(has.sum(axis=0)).ravel() + 3)
    return np.sort(np.argsort(-explained, kind="stable")[:count])


def fit_stance(
    design: Design,
    targets: Floats,
    bases: NDArray[np.intp],
    folds: NDArray[np.intp],
    counts: Floats,
    chosen: Settings,
    jobs: int,
) -> tuple[list[Fitted], Floats]:
    """Fit stance scores: the targets (n, t), and of these the directions that tell a first head the bases (n,).

    Returns
    -------
    fitted, scores
        For each fold the regression on the rows of the others, behind them that on all; and the scores (n, k) that
        each row gets where it has not been seen.
    """
    wholes = [folds != fold for fold in range(chosen.folds)] + [np.ones(len(bases), dtype=bool)]
    fitted = Parallel(n_jobs=jobs)(
        delayed(fit_scores)(design, targets, bases, kept, chosen.features, chosen.penalty, counts) for kept in wholes
    )
    unseen = np.zeros(targets.shape)
    for fold, one in enumerate(fitted[:-1]):
        unseen[folds == fold] = one.scores[folds == fold]
    turn = directions(network(unseen, bases, chosen, 0), unseen, chosen.scores)
    return [one.turned(turn) for one in fitted], unseen @ turn
