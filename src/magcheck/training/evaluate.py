"""Evaluation: verdicts on labelled statements, measured, told and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix

from magcheck.checker import Checker
from magcheck.corpus import Row, read_statements
from magcheck.errors import InputError
from magcheck.training import metrics
from magcheck.training.metrics import Figure, Outcomes
from magcheck.verdict import LABELS, Verdict


@dataclass(frozen=True, slots=True)
class Share:
    """How many statements of a kind there are, and which share of them is labelled right."""

    n: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The statements with a confidence between `low` and `high`: number, mean confidence, accuracy."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A statement that was labelled wrong: what it is, and what was said of it."""

    row: Row
    verdict: Verdict

    def to_text(self) -> str:
        """Return the mistake in two lines."""
        row, said = self.row, self.verdict
        top = f"; {' '.join(said.passages[0].source)} {said.passages[0].text}" if said.passages else ""
        return (
            f"{row.id}: {row.statement}\n  is {row.label} ({row.basis}) {' '.join(row.evidence)}; "
            f"said {said.label} ({said.basis}) {said.confidence:.3f}{top}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the mistake as JSON-ready values."""
        row = self.row
        return {
            "id": row.id,
            "gold": {
                "label": row.label,
                "basis": row.basis,
                "evidence": list(row.evidence),
                "tags": list(row.tags),
            },
            "verdict": self.verdict.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a checker did on labelled statements.

    Attributes
    ----------
    n
        Number of statements.
    figures
        Figures by name, as `magcheck.training.metrics.figures` defines them, with 95 % intervals.
    confusion
        Counts by right label (rows) and given label (columns), in the order of ``LABELS``.
    tags, voices
        Accuracy by tag and by voice.
    reliability
        The bins of the calibration error that are not empty.
    risk_coverage
        Pairs of a coverage and the share of mistakes among that part of the statements, most confident first.
    mistakes
        The statements labelled wrong, most confident first.
    """

    n: int
    figures: Mapping[str, Figure]
    confusion: tuple[tuple[int, ...], ...]
    tags: Mapping[str, Share]
    voices: Mapping[str, Share]
    reliability: tuple[Bin, ...]
    risk_coverage: tuple[tuple[float, float], ...]
    mistakes: tuple[Mistake, ...]

    def to_text(self, mistakes: int = 0) -> str:
        """Return the evaluation as text, with the first `mistakes` of the mistakes."""
        lines = [f"{'n':16} {self.n}"]
        lines += [f"{name:16} {figure}" for name, figure in self.figures.items()]
        lines += ["", "right \\ said   " + " ".join(f"{label:>12}" for label in LABELS)]
        lines += [
            f"{label:14} " + " ".join(f"{count:12}" for count in counts)
            for label, counts in zip(LABELS, self.confusion, strict=True)
        ]
        for kind, shares in (("tag", self.tags), ("voice", self.voices)):
            if shares:
                told = ", ".join(f"{name} {share.accuracy:.2f} ({share.n})" for name, share in shares.items())
                lines += ["", f"by {kind}: {told}"]
        for mistake in self.mistakes[:mistakes]:
            lines += ["", mistake.to_text()]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation as JSON-ready values."""
        return {
            "n": self.n,
            "figures": {name: figure.to_list() for name, figure in self.figures.items()},
            "confusion": [list(counts) for counts in self.confusion],
            "tags": {name: [share.n, round(share.accuracy, 6)] for name, share in self.tags.items()},
            "voices": {name: [share.n, round(share.accuracy, 6)] for name, share in self.voices.items()},
            "reliability": [list(astuple(one)) for one in self.reliability],
            "risk_coverage": [list(point) for point in self.risk_coverage],
            "mistakes": [mistake.to_dict() for mistake in self.mistakes],
        }

    def to_html(self, title: str = "How well magcheck does") -> str:
        """Return the evaluation as one page of HTML that needs nothing from elsewhere."""
        from magcheck.training.page import page

        return page(self, title)


def evaluate(gold: Sequence[Row], verdicts: Sequence[Verdict], *, bootstrap: int = 1000, seed: int = 0) -> Evaluation:
    """Measure verdicts on labelled statements.

    Parameters
    ----------
    gold
        Labelled statements.
    verdicts
        What was said of each, in the same order.
    bootstrap
        Number of resamples that the intervals come from; with 0 there are no intervals.
    seed
        Of the resamples.

    Raises
    ------
    InputError
        If there are no statements, or not one verdict for each.

    Examples
    --------
    >>> from magcheck import check
    >>> from magcheck.corpus import Row
    >>> gold = [Row("1", "Magnesium prevents ALS", "contradicted", ("0",))]
    >>> evaluate(gold, [check(row.statement) for row in gold], bootstrap=0).figures["accuracy"].value
    1.0
    """
    if not gold:
        raise InputError("there is no labelled statement to evaluate on")
    if len(gold) != len(verdicts):
        raise InputError(f"{len(gold):,} labelled statements do not go with {len(verdicts):,} verdicts")
    outcomes = metrics.of_verdicts(gold, verdicts)
    right = outcomes.right
    order = metrics.by_confidence(outcomes.confidence)
    confusion = confusion_matrix(outcomes.gold, outcomes.said, labels=range(len(LABELS)))
    voices = _shares(((row.voice,) for row in gold), right)
    return Evaluation(
        n=len(gold),
        figures=metrics.with_intervals(outcomes, bootstrap, seed),
        confusion=tuple(tuple(int(count) for count in counts) for counts in confusion),
        tags=_shares((row.tags for row in gold), right),
        voices=voices if len(voices) > 1 else {},
        reliability=_reliability(outcomes),
        risk_coverage=_risk_coverage(right[order]),
        mistakes=tuple(Mistake(gold[at], verdicts[at]) for at in order if not right[at]),
    )


def evaluate_file(path: Path, checker: Checker, *, bootstrap: int = 1000, seed: int = 0) -> Evaluation:
    """Check the labelled statements of a JSON Lines file, and measure the verdicts.

    Raises
    ------
    CorpusError
        If the file cannot be read, naming the line.
    InputError
        If the file holds no statement, or one that cannot be checked.
    """
    gold = list(read_statements(path, set(checker.model.meta["sentences"])))
    verdicts = list(checker.check_many(row.statement for row in gold))
    return evaluate(gold, verdicts, bootstrap=bootstrap, seed=seed)


def _shares(names: Iterable[Iterable[str]], right: NDArray[np.bool_]) -> dict[str, Share]:
    marks: dict[str, list[bool]] = {}
    for several, one in zip(names, right, strict=True):
        for name in several:
            marks.setdefault(name, []).append(bool(one))
    return {name: Share(len(found), sum(found) / len(found)) for name, found in sorted(marks.items())}


def _reliability(outcomes: Outcomes) -> tuple[Bin, ...]:
    bins = metrics.bin_of(outcomes.confidence)
    shown = []
    for at in np.unique(bins):
        inside = bins == at
        confidence, accuracy = outcomes.confidence[inside].mean(), outcomes.right[inside].mean()
        low, high = (round(float(end) / metrics.BINS, 6) for end in (at, at + 1))
        mean, share = round(float(confidence), 6), round(float(accuracy), 6)
        shown.append(Bin(low, high, int(inside.sum()), mean, share))
    return tuple(shown)


def _risk_coverage(right: NDArray[np.bool_], points: int = 100) -> tuple[tuple[float, float], ...]:
    # Geifman & El-Yaniv 2017. The curve is thinned: a page need not carry a point for each statement.
    counts = np.unique(np.ceil(np.linspace(0, len(right), points + 1)[1:]).astype(np.intp))
    wrong = np.cumsum(~right)
    return tuple((round(float(n) / len(right), 6), round(float(wrong[n - 1]) / float(n), 6)) for n in counts)
