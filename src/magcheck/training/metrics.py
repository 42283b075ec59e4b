"""Figures of merit: what was said of statements beside what is so, and how sure the figures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import f1_score

from magcheck.corpus import Row
from magcheck.verdict import LABELS, Verdict

BINS = 15
COVERAGE = 0.8
HITS = (1, 3)
_BY_CHANCE = "ece_by_chance"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its 95 % interval; without an interval, both ends are None."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        """Return the figure to three decimals, with its interval."""
        interval = "" if self.low is None else f"  [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}"

    def to_list(self) -> list[float | None]:
        """Return value, low and high, rounded to six decimals."""
        return [None if one is None else round(one, 6) for one in (self.value, self.low, self.high)]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What was said of n statements.

    Attributes
    ----------
    gold, said : int (n,)
        Places of the right and the given label in `LABELS`.
    confidence : float (n,)
        Probability of the given label.
    units : int (n,)
        Number of the contrast group; a statement of none has a number of its own.
    basis_right : bool (n,), optional
        Whether the given basis is right, where a basis was given.
    backed : bool (n,)
        Whether the statement has evidence.
    hits : bool (n, 2), optional
        Whether evidence is among the first, and the first three, passages, where passages were given.
    """

    gold: NDArray[np.intp]
    said: NDArray[np.intp]
    confidence: NDArray[np.float64]
    units: NDArray[np.intp]
    backed: NDArray[np.bool_]
    basis_right: NDArray[np.bool_] | None = None
    hits: NDArray[np.bool_] | None = None

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the given label is right (n,)."""
        return np.asarray(self.gold == self.said)

    def take(self, rows: NDArray[np.intp], units: NDArray[np.intp]) -> Outcomes:
        """Return the outcomes of `rows`, in groups numbered anew."""
        return Outcomes(
            self.gold[rows],
            self.said[rows],
            self.confidence[rows],
            units,
            self.backed[rows],
            None if self.basis_right is None else self.basis_right[rows],
            None if self.hits is None else self.hits[rows],
        )


def of_labels(gold: Sequence[Row], said: Sequence[str], confidence: ArrayLike) -> Outcomes:
    """Return the outcomes of labels said with some confidence."""
    numbers: dict[Any, int] = {}
    units = [numbers.setdefault(row.group or at, len(numbers)) for at, row in enumerate(gold)]
    return Outcomes(
        gold=np.array([LABELS.index(row.label) for row in gold], dtype=np.intp),
        said=np.array([LABELS.index(label) for label in said], dtype=np.intp),
        confidence=np.asarray(confidence, dtype=np.float64),
        units=np.array(units, dtype=np.intp),
        backed=np.array([bool(row.evidence) for row in gold], dtype=bool),
    )


def of_verdicts(gold: Sequence[Row], verdicts: Sequence[Verdict]) -> Outcomes:
    """Return the outcomes of verdicts: of their labels, their bases and the passages that they show."""
    outcomes = of_labels(gold, [v.label for v in verdicts], [v.confidence for v in verdicts])
    first = [_first_hit(row, verdict) for row, verdict in zip(gold, verdicts, strict=True)]
    return replace(
        outcomes,
        basis_right=np.array([row.basis == said.basis for row, said in zip(gold, verdicts, strict=True)]),
        hits=np.array(first)[:, None] < np.array(HITS),
    )


def _first_hit(row: Row, verdict: Verdict) -> float:
    evidence = set(row.evidence)
    places = (at for at, passage in enumerate(verdict.passages) if evidence.intersection(passage.source))
    return next(places, np.inf)


def figures(outcomes: Outcomes) -> dict[str, float]:
    """Return the figures of `outcomes`, by name.

    Returns
    -------
    dict of float
        - ``accuracy``;
        - ``f1_…`` for each label, 0 for one that neither is nor is said, and ``macro_f1``, their mean;
        - ``basis_accuracy``;
        - ``evidence_hit@1`` and ``evidence_hit@3``, over the statements that have evidence;
        - ``correct@1``: the label is right, and evidence, if there is any, is in the first passage;
        - ``ece``: expected calibration error over 15 bins of equal width (Naeini et al. 2015);
        - ``accuracy@80%``, over the most confident 80 %;
        - ``pairs_right``: the share of contrast groups whose labels are all right.

        What cannot be told is left out.
    """
    right = outcomes.right
    f1 = f1_score(outcomes.gold, outcomes.said, labels=range(len(LABELS)), average=None, zero_division=0.0)
    found = {"accuracy": float(right.mean())}
    found |= {f"f1_{label}": float(one) for label, one in zip(LABELS, f1, strict=True)}
    found["macro_f1"] = float(f1.mean())
    if outcomes.basis_right is not None:
        found["basis_accuracy"] = float(outcomes.basis_right.mean())
    if outcomes.hits is not None:
        if outcomes.backed.any():
            for at, first in enumerate(HITS):
                found[f"evidence_hit@{first}"] = float(outcomes.hits[outcomes.backed, at].mean())
        found["correct@1"] = float((right & (~outcomes.backed | outcomes.hits[:, 0])).mean())
    found["ece"] = calibration_error(outcomes.confidence, right)
    sure = by_confidence(outcomes.confidence)[: max(1, int(len(right) * COVERAGE))]
    found[f"accuracy@{COVERAGE:.0%}"] = float(right[sure].mean())
    sizes = np.bincount(outcomes.units)
    whole = np.bincount(outcomes.units, weights=right) == sizes
    if (sizes > 1).any():
        found["pairs_right"] = float(whole[sizes > 1].mean())
    return found


def by_confidence(confidence: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the places of the statements, the most confident first."""
    return np.argsort(-confidence, kind="stable")


def bin_of(confidence: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return which of the `BINS` bins of equal width each confidence falls into."""
    return np.minimum((confidence * BINS).astype(np.intp), BINS - 1)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: how far confidence is from accuracy in a bin, on average."""
    gaps = np.bincount(bin_of(confidence), weights=confidence - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(right))


def with_intervals(outcomes: Outcomes, bootstrap: int, seed: int) -> Mapping[str, Figure]:
    """Return the figures with 95 % intervals by the percentile bootstrap (Efron & Tibshirani 1993, ch. 13).

    Contrast groups are drawn as a whole: their statements are right or wrong together. The calibration error
    of a resample is larger than that of the sample, as any noise adds to it: read its upper end as a bound. What it
    would be of as many statements if every confidence were exact, and chance alone parted it from accuracy, stands
    behind it as ``ece_by_chance`` (consistency resampling, Bröcker & Smith 2007).

    Parameters
    ----------
    bootstrap
        Number of resamples; with 0 there are no intervals.
    seed
        Of the draws.
    """
    found = figures(outcomes)
    drawn: dict[str, list[float]] = {name: [] for name in (*found, _BY_CHANCE)}
    generator, chance = (np.random.default_rng(one) for one in (seed, [seed, 1]))
    order = np.argsort(outcomes.units, kind="stable")
    sizes = np.bincount(outcomes.units)
    starts = np.cumsum(sizes) - sizes
    for _ in range(bootstrap):
        picked = generator.integers(len(sizes), size=len(sizes))
        taken = sizes[picked]
        units = np.repeat(np.arange(len(picked)), taken)
        within = np.arange(len(units)) - np.repeat(np.cumsum(taken) - taken, taken)
        sample = outcomes.take(order[starts[picked][units] + within], units)
        for name, value in figures(sample).items():
            drawn[name].append(value)
        lucky = chance.random(len(outcomes.confidence)) < outcomes.confidence
        drawn[_BY_CHANCE].append(calibration_error(outcomes.confidence, lucky))
    ends = {name: np.quantile(values, (0.025, 0.975)) for name, values in drawn.items() if values}
    told = {}
    for name, value in found.items():
        told[name] = Figure(value, *(float(end) for end in ends.get(name, ())))
        if name == "ece" and bootstrap:
            told[_BY_CHANCE] = Figure(float(np.mean(drawn[_BY_CHANCE])), *(float(end) for end in ends[_BY_CHANCE]))
    return told


def table(columns: Mapping[str, Mapping[str, Figure]]) -> str:
    """Return figures as a Markdown table: a row for each figure, a column for each of `columns`."""
    names = dict.fromkeys(name for column in columns.values() for name in column)
    lines = [f"| figure | {' | '.join(columns)} |", "|---|" + "---:|" * len(columns)]
    for name in names:
        cells = [str(column[name]) if name in column else "" for column in columns.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
