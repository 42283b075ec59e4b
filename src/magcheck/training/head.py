"""The head: a small network from stance scores to the log-odds of the four bases."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from magcheck.training.design import Floats, with_signs
from magcheck.training.settings import Settings


def network(scores: Floats, bases: NDArray[np.intp], chosen: Settings) -> MLPClassifier:
    """Fit a network on stance scores (n, r) and the number of each statement's basis (n,)."""
    fitted = MLPClassifier(
        (chosen.hidden,),
        alpha=chosen.decay,
        batch_size=min(128, len(scores)),
        max_iter=chosen.epochs,
        n_iter_no_change=chosen.epochs,
        random_state=chosen.seed,
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
class Head:
    """One layer of units: weights in (r, h), where each unit starts (h,), and weights and start of what comes out."""

    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    @classmethod
    def of(cls, network: MLPClassifier, scores: Floats) -> Head:
        """Return the network that was fitted on `scores`."""
        inward, out = network.coefs_
        return cls(inward / _spread(scores)[:, None], network.intercepts_[0], out, network.intercepts_[1])

    def log_odds(self, scores: Floats) -> Floats:
        """Return the log-odds of the four bases (n, 4), given stance scores (n, r)."""
        return np.asarray(np.maximum(scores @ self.hidden + self.hidden_bias, 0) @ self.out + self.out_bias)

    def beside(self, other: Head, share: float) -> Head:
        """Return the head on its own scores and, behind them, another's, which has this share in the log-odds."""
        return Head(
            block_diag(self.hidden, other.hidden),
            np.append(self.hidden_bias, other.hidden_bias),
            np.vstack(((1 - share) * self.out, share * other.out)),
            (1 - share) * self.out_bias + share * other.out_bias,
        )


def chances_of(odds: Floats) -> Floats:
    """Return probabilities (n, 4), given log-odds."""
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
