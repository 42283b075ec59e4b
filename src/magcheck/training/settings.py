"""What was chosen for fitting a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """What was chosen by grouped cross-validation on the corpus (docs/experiments.md).

    Attributes
    ----------
    rarest
        Features of fewer statements are not considered.
    features
        How many features are kept for stance, those that tell most.
    doubt_penalty
        Weight of the squared coefficients in the ridge regression for how far a statement can be trusted.
    asked
        How much a statement such as people ask counts in what is fitted for stance, beside one of another voice.
    asking
        The share of confidence's calibration that statements such as people ask have.
    framing, framed
        How many statements in frames are learnt from, at most, for each of the corpus, and how much one counts.
    scores, hidden
        Stance scores, and the units behind them.
    naming
        The share of the loss that is the surprise at the right basis by a sentence that is named; the rest is that at
        the right basis by any.
    dropped, rate, passes
        The share of features left out at a time, the rate that the network begins to learn at, and its passes.
    folds, tried
        Parts that the corpus is parted into, and how many statements at least are tried, in as many parts as hold
        them, each by what has learnt from all other parts: enough to fit confidence to, and each part costs a fit.
    seed
        Of every random choice.
    """

    rarest: int = 3
    features: int = 100_000
    doubt_penalty: float = 1.0
    asked: float = 3.0
    asking: float = 0.95
    framing: float = 0.24
    framed: float = 0.4
    scores: int = 37
    hidden: int = 320
    naming: float = 0.3
    dropped: float = 0.75
    rate: float = 0.05
    passes: int = 90
    folds: int = 5
    tried: int = 50_000
    seed: int = 0
