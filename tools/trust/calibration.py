"""Calibration: whether a confidence means what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from magcheck.corpus import load
from magcheck.training.evaluate import evaluate
from magcheck.training.fit import fit
from magcheck.training.settings import Settings
from trust.setting import Setting, say
from trust.table import Check

_ECE, _ACCURACY = 0.02, 0.98
# In so many parts, what a statement of the corpus is tried with has learnt from nearly all that the packaged model has;
# of what people ask, whose voices are kept whole, from nine tenths. The goals are the same as for its own record.
_PARTS = 20


def run(setting: Setting) -> list[Check]:
    """Return records of cross-validation and, with labelled statements, what they say."""
    checks: list[Check] = []
    for parts, scores in _records(setting):
        for before, what in (("", "all of it, half in contrast groups"), ("natural_", "such as people ask")):
            error, sure = scores[f"{before}ece"], scores[f"{before}accuracy@80%"]
            checks += [
                Check(f"calibration error in {parts} parts: {what}", f"{error:.3f}", f"≤ {_ECE}", error <= _ECE),
                Check(
                    f"accuracy of the surest 80 % in {parts} parts: {what}",
                    f"{sure:.4f}",
                    f"≥ {_ACCURACY}",
                    sure >= _ACCURACY,
                ),
            ]
    for sample in setting.samples[1:]:
        found = evaluate(sample.rows, sample.verdicts, bootstrap=setting.size(0, 1_000), seed=setting.seed)
        error, sure = found.figures["ece"].value, found.figures["accuracy@80%"].value
        checks += [
            Check(sample.called("calibration error"), str(found.figures["ece"]), f"≤ {_ECE}", error <= _ECE),
            Check(
                sample.called("accuracy of the surest 80 %"),
                str(found.figures["accuracy@80%"]),
                f"≥ {_ACCURACY}",
                sure >= _ACCURACY,
            ),
            Check(sample.called("accuracy, macro-F1"), f"{found.figures['accuracy']}, {found.figures['macro_f1']}"),
        ]
    return checks


def _records(setting: Setting) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield in how many parts the corpus was cross-validated, contrast groups kept whole, and what came out."""
    meta = setting.packaged.model.meta
    chosen = Settings(**meta["settings"])
    yield chosen.folds, meta["scores"]
    if setting.full:
        say(f"cross-validating in {_PARTS} parts")
        yield _PARTS, fit(load(), replace(chosen, folds=_PARTS), jobs=setting.jobs).meta["scores"]
