"""Cross-validation of the whole way from corpus to verdict.

    python -m magcheck.training.crossval --by voice

Each part of the corpus is checked by a model fitted to the others: reading, features, head and calibration included.
It prints what `magcheck evaluate` prints. With `--by voice` no writer of a checked statement was learnt from, which
is how a stranger's wording fares on the hardest material there is, half of it contrast groups; with `--by group` only
contrast groups are kept whole.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from magcheck.checker import Checker
from magcheck.corpus import Corpus, Row, load
from magcheck.training.design import group_folds, voice_folds
from magcheck.training.evaluate import evaluate
from magcheck.training.fit import Say, Settings, fit
from magcheck.verdict import Verdict

DEALS = {"voice": voice_folds, "group": group_folds}


def cross_validate(
    corpus: Corpus,
    by: str = "voice",
    folds: int = 4,
    settings: Settings | None = None,
    say: Say = lambda _: None,
    jobs: int = 2,
) -> tuple[list[Row], list[Verdict]]:
    """Return every row of the corpus, and the verdict of a model that had not learnt from its voice or group."""
    fold = DEALS[by](corpus.rows, folds, 0)
    rows: list[Row] = []
    verdicts: list[Verdict] = []
    for number in range(folds):
        say(f"part {number + 1} of {folds}")
        known = tuple(row for row, at in zip(corpus.rows, fold, strict=True) if at != number)
        unknown = [row for row, at in zip(corpus.rows, fold, strict=True) if at == number]
        checker = Checker(fit(replace(corpus, rows=known), settings, jobs=jobs))
        rows += unknown
        verdicts += checker.check_many(row.statement for row in unknown)
    return rows, verdicts


def main() -> None:
    """Cross-validate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="another corpus directory")
    parser.add_argument("--by", choices=sorted(DEALS), default="voice")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--bootstrap", type=int, default=200)
    given = parser.parse_args()
    rows, verdicts = cross_validate(
        load(given.corpus), given.by, given.folds, say=lambda line: print(line, file=sys.stderr, flush=True)
    )
    print(evaluate(rows, verdicts, bootstrap=given.bootstrap).to_text())


if __name__ == "__main__":
    main()
