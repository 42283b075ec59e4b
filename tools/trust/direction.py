"""Direction: whether a meaning-changing edit of a rightly labelled statement changes the verdict as it should."""

from __future__ import annotations

from trust.setting import Sample, Setting
from trust.table import Check, share
from trust.turns import RULES

_GOAL = 0.9


def run(setting: Setting) -> list[Check]:
    """Measure every rule on every sample, and all of them together."""
    checks = []
    for sample in setting.samples:
        checks += turns(setting, sample, setting.size(20, 200))
    return checks


def turns(setting: Setting, sample: Sample, most: int) -> list[Check]:
    """Return how often each rule, on at most so many statements, has the outcome that it should."""
    stances: dict[str, set[str]] = {}
    for passage in sample.checker.model.meta["passages"]:
        for sentence in passage["source"]:
            stances.setdefault(sentence, set()).add(passage["stance"])
    held = {sentence: frozenset(found) for sentence, found in stances.items()}
    right = [(row, said) for row, said in zip(sample.rows, sample.verdicts, strict=True) if said.label == row.label]
    checks = []
    good_of_all = all_turned = 0
    for name, rule in RULES.items():
        rng = setting.rng("direction", name)
        good = total = 0
        for row, before in rng.sample(right, len(right)):
            turned = rule(row, held, rng)
            if turned is None or turned.text == row.statement:
                continue
            total += 1
            after = sample.checker.check(turned.text)
            if after.label in turned.labels:
                good += 1
            else:
                texts = {"before": row.statement, "after": turned.text} if sample.told else {}
                said = f"{before.label} {before.confidence:.2f} → {after.label} {after.confidence:.2f}"
                wanted = " or ".join(sorted(turned.labels))
                setting.log.note(sample.called(name), id=row.id, said=said, wanted=wanted, **texts)
            if total == most:
                break
        figure = f"{good / total:.1%} of {total:,}" if total else "no statement that it applies to"
        checks.append(Check(sample.called(name), figure))
        good_of_all, all_turned = good_of_all + good, all_turned + total
    checks.append(share(sample.called("all meaning-changing edits"), good_of_all, all_turned, _GOAL, least=True))
    return checks
