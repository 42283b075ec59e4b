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
    penalty, rank_penalty, doubt_penalty
        Weight of the squared coefficients in the ridge regressions for stance, for passages, and for how far a
        statement can be trusted.
    asked
        How much a statement such as people ask counts in what is fitted for stance, beside one of another voice.
    asking
        The share of confidence's calibration that statements such as people ask have.
    components, scores
        Principal components of the targets, and how many stance scores are kept of what these tell the head.
    folds
        Parts of the corpus that scores for the head are fitted across.
    hidden, decay, epochs
        Units, penalty and passes of the network on these scores.
    width, dropped, rate, passes
        Of the deep averaging network: its scores, the share of features left out at a time, the rate that it begins to
        learn at, and its passes.
    averaging
        The share that the deep averaging network has in the log-odds.
    seed
        Of every random choice.
    """

    rarest: int = 3
    features: int = 116_000
    rank_features: int = 25_000
    penalty: float = 0.2
    rank_penalty: float = 0.4
    doubt_penalty: float = 1.0
    asked: float = 3.0
    asking: float = 0.85
    components: int = 48
    scores: int = 7
    folds: int = 5
    hidden: int = 64
    decay: float = 0.1
    epochs: int = 20
    width: int = 20
    dropped: float = 0.7
    rate: float = 0.05
    passes: int = 30
    averaging: float = 0.5
    seed: int = 0
