"""What is weighed after the head: a statement's distance from the document, and what its parts say beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from magcheck.chances import chances_of, of_labels
from magcheck.compound import SURE, mixed, opinions, split
from magcheck.distance import Distance, moved
from magcheck.features import Encoder
from magcheck.reading import Reader, Reading
from magcheck.training.design import Floats, further
from magcheck.training.sharpness import Calibrated
from magcheck.training.trial import Trial
from magcheck.verdict import BASES

# Weight of the squared coefficients.
_DECAY = 1.0


@dataclass(frozen=True, slots=True)
class Opinions:
    """Weights of the signs of distance (9, 4) and of the parts' opinions (10, 4), and what they make of statements.

    The probabilities (t, 4) are those of the statements that were tried, by what had not learnt from them.
    """

    moving: Floats
    mixing: Floats
    chances: Floats


def fit_opinions(
    trial: Trial, calibrated: Sequence[Calibrated], reader: Reader, encoder: Encoder, readings: Sequence[Reading]
) -> Opinions:
    """Fit weights of distance and parts to what is right of a trial's statements, given the readings of all."""
    tried = trial.tried
    folds, bases, readings = trial.folds[tried], trial.bases[tried], [readings[at] for at in tried.tolist()]
    distance = Distance(reader.lexicon, reader.known)
    chances = trial.unseen(calibrated, lambda one, rows: one.chances(one.fitted.scores[rows]))

    signs = distance.signs(readings)
    before, moving = chances.copy(), moving_of(chances, signs, bases)
    for fold in trial.tried_folds:
        own, others = folds == fold, folds != fold
        chances[own] = moved(before[own], signs[own], moving_of(before[others], signs[others], bases[others]))

    unsure = np.flatnonzero(of_labels(chances).max(axis=1) < SURE)
    parts, owners = split([readings[at] for at in unsure.tolist()], reader.lexicon)
    owners = unsure[owners]
    design = further(trial.design, encoder, parts)
    of_parts = np.zeros((len(parts), len(BASES)))
    for fold, one in zip(trial.tried_folds, calibrated[:-1], strict=True):
        own = folds[owners] == fold
        of_parts[own] = one.chances(one.fitted.score(design)[own])
    of_parts = moved(of_parts, distance.signs(parts), moving)
    compound, owners = np.unique(owners, return_inverse=True)
    said = opinions(chances[compound], of_parts, owners)
    for fold in trial.tried_folds:
        own = folds[compound] == fold
        chances[compound[own]] = mixed(said[own], mixing_of(said[~own], bases[compound[~own]]))
    return Opinions(moving, mixing_of(said, bases[compound]), chances)


def mixing_of(said: Floats, bases: NDArray[np.intp]) -> Floats:
    """Return weights (10, 4) for `magcheck.compound.mixed`, given opinions (n, 9) and the bases that are right."""
    return _weights(said[:, : len(BASES)], said, bases)


def moving_of(chances: Floats, signs: Floats, bases: NDArray[np.intp]) -> Floats:
    """Return weights (9, 4) for `magcheck.distance.moved`, given probabilities (n, 4), signs, and the right bases."""
    return _weights(np.log(np.maximum(chances, 1e-6)), signs, bases)


def _weights(odds: Floats, said: Floats, bases: NDArray[np.intp]) -> Floats:
    """Fit a multinomial logistic regression on top of log-odds; without statements it leaves these as they are."""
    extended = np.column_stack((said, np.ones(len(said))))
    right = np.eye(len(BASES))[bases]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(extended.shape[1], len(BASES))
        chances = chances_of(odds + extended @ weights)
        surprise = -np.log(chances[np.arange(len(bases)), bases] + 1e-12).sum()
        slope = extended.T @ (chances - right) + _DECAY * weights
        return float(surprise + _DECAY * (weights**2).sum() / 2), slope.ravel()

    found = minimize(loss, np.zeros(extended.shape[1] * len(BASES)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x.reshape(extended.shape[1], len(BASES)))
