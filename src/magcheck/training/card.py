"""The model card: what a model is, what it was made from, how good it is, and what it must not be used for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from magcheck.model import Model
from magcheck.training import fit
from magcheck.training.evaluate import Evaluation
from magcheck.training.metrics import Figure, table
from magcheck.verdict import LABELS

_WEAKEST = 6
_FEWEST = 20
_CARD = """\
# Model card: {title}

{facts}

## What it is for

It tells how an English statement stands to one document, "{title}": whether the document supports it, says
otherwise, or leaves it open, and shows the passages that decide. It is meant for people who sort statements by what
that document says of them (readers, editors, teachers, moderators), and for those who study such checkers.

## What it must not be used for

- **Not for medical advice.** It must not decide about anyone's health, diagnosis, treatment, diet or supplements.
  Ask a physician.
- Not as a judge of truth: the document is its only authority. A true statement that the document does not hold is
  *uncertain*, and if the document is wrong, so is the label.
- Not to remove or rank what people write without a person who reads the passage.
- Not for other languages, other topics than the document's, or whole texts taken as one statement.

## Data

{data}

## Method

{method}

Settings: {settings}.

## Figures

{figures}

## What it gets wrong

{mistakes}

## Reproduce

```
magcheck train --corpus DIR --output FILE
magcheck evaluate --cross-validate voice --card --corpus DIR --model FILE
```

The second measures how the model was made, and writes this card. The same corpus, settings and versions give the same
model file on the same kind of processor, byte for byte.
"""


def model_card(
    model: Model,
    *,
    evaluation: Evaluation | None = None,
    evaluated_on: str = "labelled statements",
    baselines: Mapping[str, Mapping[str, Figure]] | None = None,
    mistakes: int = 10,
) -> str:
    """Return the card of a model, as Markdown.

    Parameters
    ----------
    model
        The model; numbers among ``model.meta["scores"]`` are figures, texts say how these were got.
    evaluation
        Its evaluation on statements that it has not seen, if there is one.
    evaluated_on
        Names those statements.
    baselines
        Figures of the baselines, as `magcheck.training.baselines.compare` returns them.
    mistakes
        How many mistakes are shown at most.

    Examples
    --------
    >>> from magcheck import Checker
    >>> print(model_card(Checker.load().model)[:31])
    # Model card: Magnesium and ALS
    """
    meta = model.meta
    corpus = meta["corpus"]
    return _CARD.format(
        title=meta["title"],
        facts=_facts(model),
        data=(
            f"{corpus['statements']:,} labelled statements about the document's {corpus['passages']} passages, "
            "each with its basis and the sentences that settle it. "
            f"Corpus hash: `{corpus['hash']}`. The corpus's datasheet says more."
        ),
        # Told by the code that does it, so that the card cannot fall behind.
        method=(inspect.getdoc(fit) or "").split("\n\n", 1)[-1],
        settings=", ".join(f"{name} {value}" for name, value in meta["settings"].items()),
        figures=_figures(meta.get("scores") or {}, evaluation, evaluated_on, baselines or {}),
        mistakes=_mistakes(evaluation, evaluated_on, mistakes),
    )


def _facts(model: Model) -> str:
    arrays, meta = model.arrays, model.meta
    size = sum(array.nbytes for array in arrays)
    return (
        f"Made by magcheck {meta['version']} (protocol {meta['protocol']}) under Python {meta['python']}; "
        f"{len(arrays.remainders):,} features, {size / 1e6:.1f} MB of numbers. Plain arrays, read without pickle; "
        "no network, no graphics card."
    )


def _figures(
    scores: Mapping[str, Any],
    evaluation: Evaluation | None,
    evaluated_on: str,
    baselines: Mapping[str, Mapping[str, Figure]],
) -> str:
    columns: dict[str, Mapping[str, Figure]] = {}
    measured = {name: Figure(float(value)) for name, value in scores.items() if isinstance(value, int | float)}
    if measured:
        columns["cross-validated"] = measured
    if evaluation is not None:
        columns[_escape(evaluated_on)] = evaluation.figures
    columns |= {f"{name} (baseline)": found for name, found in baselines.items()}
    if not columns:
        return "Not measured. `magcheck evaluate FILE` measures it on labelled statements."
    notes = [f"{name}: {value}." for name, value in scores.items() if isinstance(value, str)]
    if evaluation is not None:
        notes.append(f"{evaluated_on}: {evaluation.n:,} statements, 95 % intervals by bootstrap.")
    if baselines:
        notes.append("Baselines are cross-validated on the corpus, whole voices held out.")
    return "\n".join((table(columns), *(_escape(note) for note in notes)))


def _mistakes(evaluation: Evaluation | None, evaluated_on: str, count: int) -> str:
    if evaluation is None:
        return "Not measured. `magcheck evaluate FILE --mistakes 20` shows mistakes."
    lines = [
        f"Of {evaluation.n:,} statements ({_escape(evaluated_on)}), {len(evaluation.mistakes):,} are labelled wrong.",
        "",
        f"| is, and is said to be | {' | '.join(LABELS)} |",
        "|---|" + "---:|" * len(LABELS),
    ]
    for label, counts in zip(LABELS, evaluation.confusion, strict=True):
        lines.append(f"| {label} | {' | '.join(f'{one:,}' for one in counts)} |")
    weakest = sorted(
        (share.accuracy, tag, share.n)
        for tag, share in evaluation.tags.items()
        if share.n >= _FEWEST and share.accuracy < 1
    )[:_WEAKEST]
    if weakest:
        told = ", ".join(f"{_escape(tag)} {accuracy:.2f} (of {n:,})" for accuracy, tag, n in weakest)
        lines += ["", f"Weakest kinds of statements, by accuracy: {told}."]
    if evaluation.mistakes and count:
        lines += ["", "Mistakes it is surest of:", ""]
        lines += [
            f"- {_escape(one.row.statement)}  \n  is {one.row.label} ({one.row.basis}), "
            f"said {one.verdict.label} with {one.verdict.confidence:.2f}"
            for one in evaluation.mistakes[:count]
        ]
    return "\n".join(lines)


def _escape(text: str) -> str:
    """Return `text` in one line, with what Markdown or HTML would take for markup made plain."""
    text = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", text)
