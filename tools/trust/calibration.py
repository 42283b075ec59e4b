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


def run(setting: Setting) -> list[Check]:
    """Return records of cross-validation and, with labelled statements, what they say."""
    checks: list[Check] = []
    for which, scores in _records(setting):
        for before, what in (("", "all of it, half in contrast groups"), ("natural_", "such as people ask")):
            error, sure = scores[f"{before}ece"], scores[f"{before}accuracy@80%"]
            checks += [
                Check(f"calibration error in {which}: {what}", f"{error:.3f}", f"≤ {_ECE}", error <= _ECE),
                Check(
                    f"accuracy of the surest 80 % in {which}: {what}",
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


def _records(setting: Setting) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where statements were tried, each by what had learnt from other parts of the corpus, and what came out.

    A model keeps in its record what came out of the parts that confidence was fitted to; at full size, all are tried.
    """
    meta = setting.packaged.model.meta
    chosen = Settings(**meta["settings"])
    yield "the model's record", meta["scores"]
    if setting.full:
        say(f"cross-validating in {chosen.folds} parts")
        corpus = load()
        every = replace(chosen, tried=len(corpus.rows))
        yield f"all {chosen.folds} parts", fit(corpus, every, jobs=setting.jobs).meta["scores"]
