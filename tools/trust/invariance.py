"""Invariance: how many labels flip under each harmless edit."""

from __future__ import annotations

from trust.edits import EDITS
from trust.setting import Sample, Setting
from trust.table import Check, share


def run(setting: Setting) -> list[Check]:
    """Measure every edit on every sample."""
    found = []
    for sample in setting.samples:
        rows, verdicts = sample.rows, sample.verdicts
        count = setting.size(60, 1_000)
        if sample.told and len(rows) > count:
            kept = sorted(setting.rng("invariance").sample(range(len(rows)), count))
            rows, verdicts = [rows[at] for at in kept], [verdicts[at] for at in kept]
        found += flips(setting, Sample(sample.name, sample.checker, rows, verdicts, sample.told))
    return found


def flips(setting: Setting, sample: Sample) -> list[Check]:
    """Return the share of labels that each edit flips."""
    checks = []
    for edit in EDITS:
        flipped = total = 0
        for row, before in zip(sample.rows, sample.verdicts, strict=True):
            edited = edit(row, setting.rng(edit.name, row.voice, row.id))
            if edited is None:
                continue
            total += 1
            after = sample.checker.check(edited)
            if after.label != before.label:
                flipped += 1
                texts = {"before": row.statement, "after": edited} if sample.told else {}
                said = f"{before.label} {before.confidence:.2f} → {after.label} {after.confidence:.2f}"
                setting.log.note(sample.called(edit.name), id=row.id, said=said, **texts)
        checks.append(share(sample.called(edit.name), flipped, total, edit.goal))
    return checks
