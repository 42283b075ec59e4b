"""The head: small networks from stance scores to the log-odds of the four bases, and what is weighed after them."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from magcheck.training.design import Floats, with_signs
from magcheck.training.settings import Settings
from magcheck.verdict import BASES

# Weight of the squared coefficients in what is fitted on top of the networks' log-odds.
_DECAY = 1.0


def network(scores: Floats, bases: NDArray[np.intp], chosen: Settings, seed: int) -> MLPClassifier:
    """Fit one network on stance scores (n, r) and the number of each statement's basis (n,)."""
    fitted = MLPClassifier(
        (chosen.hidden,),
        alpha=chosen.decay,
        batch_size=min(128, len(scores)),
        max_iter=chosen.epochs,
        n_iter_no_change=chosen.epochs,
        random_state=chosen.seed + seed,
    )
    with warnings.catch_warnings():
        # Stopping after a set number of passes is the intent, not a failure to converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fitted.fit(scores / _spread(scores), bases)


def directions(fitted: MLPClassifier, scores: Floats, count: int) -> Floats:
    """Return directions (r, count) to look at scores (n, r) from, as columns, given a network fitted on them.

    They span the best approximation, in so many dimensions, of two things that count the same: what goes into the
    network's hidden units, each weighed by what goes out of it (reduced-rank regression, Izenman 1975), and the
    scores themselves (principal components). Of few statements, a network alone would learn to look at noise. What
    is seen from the directions has no correlations.
    """
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(scores.T)))
    deviations = np.sqrt(np.maximum(variances, 1e-12))
    inward = fitted.coefs_[0] / _spread(scores)[:, None]
    # The same number added to all log-odds changes nothing.
    outward = fitted.coefs_[1] - fitted.coefs_[1].mean(axis=1, keepdims=True)
    seen = (axes * deviations).T @ (inward * np.linalg.norm(outward, axis=1))
    both = np.hstack([one / np.linalg.norm(one) for one in (seen, np.diag(deviations))])
    turned = with_signs(np.linalg.svd(both, full_matrices=False)[0][:, :count])
    return np.asarray((axes / deviations) @ turned)


def _spread(scores: Floats) -> Floats:
    return np.asarray(scores.std(axis=0) + 1e-6)


@dataclass(frozen=True, slots=True)
class Network:
    """A network, and the spread (r,) of the stance scores that it was fitted on."""

    fitted: MLPClassifier
    spread: Floats

    def log_odds(self, scores: Floats) -> Floats:
        """Return the log-odds of the four bases (n, 4), given stance scores (n, r)."""
        fitted = self.fitted
        raised = np.maximum(scores / self.spread @ fitted.coefs_[0] + fitted.intercepts_[0], 0)
        return np.asarray(raised @ fitted.coefs_[1] + fitted.intercepts_[1])


def unseen_odds(
    scores: Floats, bases: NDArray[np.intp], folds: NDArray[np.intp], chosen: Settings, jobs: int
) -> tuple[Floats, list[Network]]:
    """Return the log-odds (n, 4) that each statement gets from a network that has not seen it, and each fold's."""
    numbers = range(chosen.folds)
    fitted = Parallel(n_jobs=jobs)(
        delayed(network)(scores[folds != fold], bases[folds != fold], chosen, 0) for fold in numbers
    )
    networks = [Network(one, _spread(scores[folds != fold])) for fold, one in enumerate(fitted)]
    odds = np.zeros((len(scores), len(BASES)))
    for fold, one in enumerate(networks):
        odds[folds == fold] = one.log_odds(scores[folds == fold])
    return odds, networks


def chances_of(odds: Floats) -> Floats:
    """Return probabilities (n, 4), given log-odds."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def stacked(heads: Sequence[MLPClassifier], scores: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the networks as one, whose log-odds are their mean."""
    spread = _spread(scores)
    hidden = np.concatenate([head.coefs_[0] for head in heads], axis=1) / spread[:, None]
    hidden_bias = np.concatenate([head.intercepts_[0] for head in heads])
    out = np.concatenate([head.coefs_[1] for head in heads]) / len(heads)
    out_bias = np.sum([head.intercepts_[1] for head in heads], axis=0) / len(heads)
    return hidden, hidden_bias, out, out_bias


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
