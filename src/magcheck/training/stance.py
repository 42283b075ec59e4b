"""Stance scores: a ridge regression of many targets at once, seen from the directions that tell the head most.

Behind these stand the scores of a deep averaging network (`magcheck.training.averaging`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray

from magcheck.training.averaging import fit_averaging
from magcheck.training.design import Design, Floats
from magcheck.training.head import Head, directions, network
from magcheck.training.ridge import ridge
from magcheck.training.settings import Settings
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
) -> list[tuple[Fitted, Head]]:
    """Fit stance scores, and the head that turns them into the log-odds of the four bases.

    Of the targets (n, t), the regressions keep the directions that tell a first head the bases (n,). Behind their
    scores stand those of a deep averaging network.

    Returns
    -------
    list of (Fitted, Head)
        For each fold what is fitted on the rows of the others, and behind them what is fitted on all.
    """
    wholes = [folds != fold for fold in range(chosen.folds)] + [np.ones(len(bases), dtype=bool)]
    wide = Parallel(n_jobs=jobs)(
        delayed(fit_scores)(design, targets, bases, kept, chosen.features, chosen.penalty, counts) for kept in wholes
    )
    unseen = unseen_scores(wide, folds)
    turn = directions(network(unseen, bases, chosen), unseen, chosen.scores)
    regressions, scores = [one.turned(turn) for one in wide], unseen @ turn
    averaging = Parallel(n_jobs=jobs)(
        delayed(_fit_averaging)(design, one.columns, bases, kept, counts, chosen)
        for one, kept in zip(regressions, wholes, strict=True)
    )
    networks = Parallel(n_jobs=jobs)(delayed(network)(scores[kept], bases[kept], chosen) for kept in wholes)
    heads = [Head.of(one, scores[kept]) for one, kept in zip(networks, wholes, strict=True)]
    return [
        (regression.beside(scored), head.beside(other, chosen.averaging))
        for regression, head, (scored, other) in zip(regressions, heads, averaging, strict=True)
    ]


def unseen_scores(fitted: Sequence[Fitted], folds: NDArray[np.intp]) -> Floats:
    """Return the scores that each row gets where it has not been seen, given what is fitted for each fold, and all."""
    unseen = np.zeros(fitted[-1].scores.shape)
    for fold, one in enumerate(fitted[:-1]):
        unseen[folds == fold] = one.scores[folds == fold]
    return unseen


def unseen_odds(stance: Sequence[tuple[Fitted, Head]], folds: NDArray[np.intp]) -> Floats:
    """Return the log-odds (n, 4) that each row gets where it has not been seen."""
    odds = np.zeros((len(folds), len(BASES)))
    for fold, (fitted, head) in enumerate(stance[:-1]):
        odds[folds == fold] = head.log_odds(fitted.scores[folds == fold])
    return odds


def _fit_averaging(
    design: Design,
    columns: NDArray[np.intp],
    bases: NDArray[np.intp],
    kept: NDArray[np.bool_],
    counts: Floats,
    chosen: Settings,
) -> tuple[Fitted, Head]:
    matrix = design.weighted(columns)
    weights, bias, head = fit_averaging(matrix[kept], bases[kept], counts[kept], chosen)
    return Fitted(columns, weights, bias, matrix @ weights.T + bias), head
