"""Writes models/MODEL_CARD.md: cross-validation with held-out voices, and the baselines beside it (ten minutes).

python tools/card.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from magcheck import Checker
from magcheck.corpus import load
from magcheck.training.baselines import compare
from magcheck.training.card import model_card
from magcheck.training.crossval import cross_validate
from magcheck.training.evaluate import evaluate

CARD = Path(__file__).resolve().parent.parent / "models" / "MODEL_CARD.md"


def main() -> None:
    """Measure and write."""
    corpus = load()
    rows, verdicts = cross_validate(corpus, "voice", say=lambda line: print(line, file=sys.stderr, flush=True))
    card = model_card(
        Checker.load().model,
        evaluation=evaluate(rows, verdicts, bootstrap=200),
        evaluated_on="the corpus, by models that had not learnt from the voice of the statement",
        baselines=compare(corpus, folds=4),
    )
    CARD.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main()
