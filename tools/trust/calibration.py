"""Calibration: whether a confidence means what it says."""

from __future__ import annotations

from magcheck.training.evaluate import evaluate
from trust.setting import Setting
from trust.table import Check

_ECE, _ACCURACY = 0.02, 0.98


def run(setting: Setting) -> list[Check]:
    """Return the model's record of its cross-validation and, with labelled statements, what they say."""
    scores = setting.packaged.model.meta["scores"]
    checks: list[Check] = []
    for before, what in (("", "all of it, half in contrast groups"), ("natural_", "such as people ask")):
        error, sure = scores[f"{before}ece"], scores[f"{before}accuracy@80%"]
        checks += [
            Check(f"calibration error by cross-validation: {what}", f"{error:.3f}", f"≤ {_ECE}", error <= _ECE),
            Check(f"accuracy of the surest 80 % there: {what}", f"{sure:.3f}"),
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
