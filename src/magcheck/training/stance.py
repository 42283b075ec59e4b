"""Stance scores: a ridge regression of many targets at once, seen from the directions that tell the head most.

Behind these stand the scores of a deep averaging network (`magcheck.training.averaging`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray

from magcheck.training.averaging import fit_averaging
from magcheck.training.design import Design, Floats
from magcheck.training.head import Head, directions, network
from magcheck.training.ridge import ridge
from magcheck.training.trial import Trial
from magcheck.verdict import BASES


@dataclass(frozen=True, slots=True)
class Fitted:
    """Scores that are linear in features: columns of the design, weights (t, d), starts (t,), and all rows' scores."""

    columns: NDArray[np.intp]
    weights: Floats
    bias: Floats
    scores: Floats

    def score(self, design: Design) -> Floats:
        """Return the scores (n, t) of the rows of a design."""
        return np.asarray(design.weighted(self.columns) @ self.weights.T + self.bias)

    def turned(self, directions: Floats) -> Fitted:
        """Return as many scores as there are directions (t, k) to look at these from."""
        return Fitted(self.columns, directions.T @ self.weights, self.bias @ directions, self.scores @ directions)

    def beside(self, other: Fitted) -> Fitted:
        """Return these scores and, behind them, those of another on the same columns."""
        return Fitted(
            self.columns,
            np.vstack((self.weights, other.weights)),
            np.append(self.bias, other.bias),
            np.column_stack((self.scores, other.scores)),
        )


@dataclass(frozen=True, slots=True)
class Stance:
    """Stance scores, and the head that turns them into the log-odds of the four bases."""

    fitted: Fitted
    head: Head


def fit_stance(trial: Trial, targets: Floats) -> list[Stance]:
    """Fit stance for each of the trial's wholes.

    Of the targets (n, t), the regressions keep the directions that tell a first head the bases. Behind their scores
    stand those of a deep averaging network.
    """
    design, bases, counts, chosen, wholes = trial.design, trial.bases, trial.counts, trial.chosen, trial.wholes
    right = np.eye(len(BASES))[bases]
    told = Parallel(trial.jobs)(delayed(telling)(design.present, right, kept, chosen.features) for kept in wholes)
    wide = Parallel(trial.jobs)(
        delayed(regression)(design, columns, targets, kept, chosen.penalty, counts)
        for columns, kept in zip(told, wholes, strict=True)
    )
    unseen = trial.unseen([one.scores for one in wide])
    turn = directions(network(unseen, bases, chosen), unseen, chosen.scores)
    regressions, scores = [one.turned(turn) for one in wide], unseen @ turn
    averaging = Parallel(trial.jobs)(
        delayed(_averaging)(trial, columns, kept) for columns, kept in zip(told, wholes, strict=True)
    )
    networks = Parallel(trial.jobs)(delayed(network)(scores[kept], bases[kept], chosen) for kept in wholes)
    heads = [Head.of(one, scores[kept]) for one, kept in zip(networks, wholes, strict=True)]
    return [
        Stance(one.beside(other.fitted), head.beside(other.head, chosen.averaging))
        for one, head, other in zip(regressions, heads, averaging, strict=True)
    ]


def regression(
    design: Design,
    columns: NDArray[np.intp],
    targets: Floats,
    kept: NDArray[np.bool_],
    penalty: float,
    counts: Floats | None = None,
) -> Fitted:
    """Fit targets (n, t) on the rows `kept` over the columns of a design, and score every row.

    Each row counts as much as `counts` (n,) says.
    """
    matrix = design.weighted(columns)
    weights, bias = ridge(matrix[kept], targets[kept], penalty, None if counts is None else counts[kept])
    return Fitted(columns, weights, bias, matrix @ weights.T + bias)


def _averaging(trial: Trial, columns: NDArray[np.intp], kept: NDArray[np.bool_]) -> Stance:
    matrix = trial.design.weighted(columns)
    weights, bias, head = fit_averaging(matrix[kept], trial.bases[kept], trial.counts[kept], trial.chosen)
    return Stance(Fitted(columns, weights, bias, matrix @ weights.T + bias), head)


def telling(present: sp.csr_matrix, targets: Floats, kept: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the columns whose presence explains most of the targets' variance among the rows `kept`."""
    has = present[kept].copy()
    has.data = np.ones_like(has.data)
    summed = has.T @ (targets[kept] - targets[kept].mean(axis=0))
    # The constant keeps features of a handful of statements from looking certain.
    explained = (summed**2).sum(axis=1) / (np.asarray(has.sum(axis=0)).ravel() + 3)
    return np.sort(np.argsort(-explained, kind="stable")[:count])
