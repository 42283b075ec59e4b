"""Cross-validation of the whole way from corpus to verdict.

Each part of the corpus is checked by a model fitted to the others: reading, features, head and calibration included.
By voice, no writer of a checked statement was learnt from, which is how a stranger's wording fares on the hardest
material there is, more than half of it contrast groups; by group, only contrast groups are kept whole.
"""

from __future__ import annotations

from dataclasses import replace

from magcheck.checker import Checker
from magcheck.corpus import Corpus, Row
from magcheck.errors import InputError, ModelError
from magcheck.model import Model
from magcheck.training.design import group_folds, voice_folds
from magcheck.training.evaluate import Evaluation, evaluate
from magcheck.training.fit import Say, fit
from magcheck.training.settings import Settings
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
    """Return every row of the corpus, and the verdict of a model that had not learnt from its voice or group.

    Raises
    ------
    InputError
        If the corpus has fewer voices than folds, and whole voices are held out.
    """
    voices = len({row.voice for row in corpus.rows})
    if by == "voice" and voices < folds:
        raise InputError(f"the corpus has {voices} voices, too few for {folds} parts; cross-validate by group")
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


def cross_validated(
    corpus: Corpus,
    model: Model,
    by: str = "voice",
    *,
    bootstrap: int = 1000,
    say: Say = lambda _: None,
    jobs: int = 2,
) -> Evaluation:
    """Measure on its own corpus how a model was made, by models with the same settings.

    Raises
    ------
    ModelError
        If the model was made from another corpus.
    InputError
        If the corpus has too few voices to hold whole ones out.
    """
    if model.meta["corpus"]["hash"] != corpus.hash:
        raise ModelError(
            f"the model was not made from the corpus “{corpus.title}” as it is now; say which with --corpus DIR, or "
            "make the model anew with: magcheck train --corpus DIR --output FILE"
        )
    settings = Settings(**model.meta["settings"])
    rows, verdicts = cross_validate(corpus, by, settings=settings, say=say, jobs=jobs)
    return evaluate(rows, verdicts, bootstrap=bootstrap)
