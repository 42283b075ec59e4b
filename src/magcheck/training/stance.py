"""Stance: the scores of a deep averaging network, and its head (`magcheck.training.averaging`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray

from magcheck.training.averaging import fit_averaging
from magcheck.training.design import Design, Floats
from magcheck.training.head import Head
from magcheck.training.trial import Trial
from magcheck.verdict import BASES


@dataclass(frozen=True, slots=True)
class Fitted:
    """Scores that are linear in features: columns of the design, weights (r, d), starts (r,), and all rows' scores."""

    columns: NDArray[np.intp]
    weights: Floats
    bias: Floats
    scores: Floats

    def score(self, design: Design) -> Floats:
        """Return the scores (n, r) of the rows of a design."""
        return np.asarray(design.weighted(self.columns) @ self.weights.T + self.bias)


@dataclass(frozen=True, slots=True)
class Stance:
    """Stance scores, and the head that turns them into the log-odds of grounds."""

    fitted: Fitted
    head: Head


def fit_stance(trial: Trial) -> list[Stance]:
    """Fit stance for each of the trial's wholes, over the features that tell most of the basis."""
    return list(Parallel(trial.jobs)(delayed(_stance)(trial, kept) for kept in trial.wholes))


def _stance(trial: Trial, kept: NDArray[np.bool_]) -> Stance:
    """Fit stance on the rows `kept` and what was made of them, and score every row."""
    right = np.eye(len(BASES))[trial.bases]
    columns = telling(trial.design.present, right, kept, trial.chosen.features)
    matrix = trial.design.weighted(columns)
    beside = trial.beside.only(kept)
    weights, bias, head = fit_averaging(
        sp.vstack((matrix[kept], replace(trial.design, present=beside.present).weighted(columns)), format="csr"),
        np.concatenate((trial.bases[kept], beside.bases)),
        np.concatenate((trial.named[kept], trial.named[beside.rows])),
        np.concatenate((trial.counts[kept], np.full(len(beside.rows), trial.chosen.framed))),
        trial.chosen,
    )
    return Stance(Fitted(columns, weights, bias, matrix @ weights.T + bias), head)


def telling(present: sp.csr_matrix, targets: Floats, kept: NDArray[np.bool_], count: int) -> NDArray[np.intp]:
    """Return the columns whose presence explains most of the targets' variance among the rows `kept`."""
    has = present[kept].copy()
    has.data = np.ones_like(has.data)
    summed = has.T @ (targets[kept] - targets[kept].mean(axis=0))
    # The constant keeps features of a handful of statements from looking certain.
    explained = (summed**2).sum(axis=1) / (np.asarray(has.sum(axis=0)).ravel() + 3)
    return np.sort(np.argsort(-explained, kind="stable")[:count])
