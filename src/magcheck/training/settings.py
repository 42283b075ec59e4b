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
    rank_features
        How many of them score sentences.
    rank_penalty, doubt_penalty
        Weight of the squared coefficients in the ridge regressions for passages, and for how far a statement can be
        trusted.
    asked
        How much a statement such as people ask counts in what is fitted for stance, beside one of another voice.
    asking
        The share of confidence's calibration that statements such as people ask have.
    scores, hidden, deeper
        Stance scores, and the units of the two layers behind them.
    dropped, rate, passes
        The share of features left out at a time, the rate that the network begins to learn at, and its passes.
    folds
        Parts of the corpus that confidence is fitted across.
    seed
        Of every random choice.
    """

    rarest: int = 3
    features: int = 113_000
    rank_features: int = 25_000
    rank_penalty: float = 0.4
    doubt_penalty: float = 1.0
    asked: float = 3.0
    asking: float = 0.95
    scores: int = 27
    hidden: int = 128
    deeper: int = 32
    dropped: float = 0.75
    rate: float = 0.05
    passes: int = 90
    folds: int = 5
    seed: int = 0
