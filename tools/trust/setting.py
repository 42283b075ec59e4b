"""What a run is about: its size, the statements, and a checker that has not learnt from them."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from magcheck import Checker
from magcheck.corpus import Row, load, read_statements
from magcheck.model import Model
from magcheck.training.fit import fit
from magcheck.training.settings import Settings
from magcheck.verdict import Verdict
from trust.table import Log

REPOSITORY = Path(__file__).resolve().parents[2]
# People who ask, clinicians, readers of the cohorts, readers of the laboratory work.
HELD_OUT = ("clinical-claims", "cohorts", "forum", "mechanisms")
# Learnt in seconds: enough to see that the machinery works, not how good the model is.
_SMALL = Settings(features=12_000, folds=2, passes=30)
_TINY = replace(_SMALL, features=1_500, hidden=16, passes=10)


@dataclass(frozen=True, slots=True)
class Sample:
    """Labelled statements, and what a checker that had not learnt from them said of each.

    Attributes
    ----------
    name
        What the statements are called in the table; "" for those of the corpus.
    told
        Whether a log may quote them.
    """

    name: str
    checker: Checker
    rows: list[Row]
    verdicts: list[Verdict]
    told: bool = True

    @classmethod
    def of(cls, name: str, checker: Checker, rows: list[Row], told: bool = True) -> Sample:
        """Return the sample with the checker's verdicts."""
        return cls(name, checker, rows, list(checker.check_many(row.statement for row in rows)), told)

    def called(self, what: str) -> str:
        """Return the name of a check on these statements."""
        return f"{what} ({self.name})" if self.name else what


@dataclass
class Setting:
    """One run.

    Attributes
    ----------
    full
        Whether it is of full size.
    share
        Of what only counts inputs and rows (fuzz, load), one in so many at full size.
    model
        A model to check the held-out statements with; it is made and written there where the file is missing.
    held_out
        Voices of the corpus that this model must not have learnt from.
    gold
        Labelled statements outside the corpus, which the packaged model checks.
    jobs
        Processes for what can be spread.
    seed
        Of every random choice.
    """

    full: bool = False
    share: int = 1
    model: Path | None = None
    held_out: tuple[str, ...] = HELD_OUT
    gold: Path | None = None
    jobs: int = 1
    seed: int = 0
    log: Log = field(default_factory=Log)

    def size(self, small: int, full: int) -> int:
        """Return the one of two sizes that goes with the run."""
        return full if self.full else small

    def counted(self, small: int, full: int) -> int:
        """Return the size of what only counts, of which a share can be done."""
        return self.size(small, full // self.share)

    def rng(self, *names: object) -> random.Random:
        """Return a generator of random numbers of its own for whatever `names` say."""
        return random.Random(" ".join(map(str, (self.seed, *names))))

    @cached_property
    def packaged(self) -> Checker:
        """The checker with the model that comes with the package."""
        return Checker.load()

    @cached_property
    def unlearnt(self) -> Checker:
        """A checker that has not learnt from the held-out voices."""
        if self.model is not None and self.model.exists():
            model = Model.load(self.model)
            missing = sorted(set(self.held_out) - set(model.meta.get("held_out", ())))
            if missing:
                say(f"{self.model} does not say that it was made without {', '.join(missing)}: flips may be too few")
            return Checker(model)
        corpus = load()
        rows = [row for row in corpus.rows if row.voice not in self.held_out]
        if not self.full:
            rows = self.rng("corpus").sample(rows, min(4_000, len(rows)))
        say(f"learning from {len(rows):,} statements, {', '.join(self.held_out)} held out")
        model = fit(replace(corpus, rows=tuple(rows)), None if self.full else _SMALL, jobs=self.jobs)
        model.meta["held_out"] = list(self.held_out)
        if self.model is not None:
            model.save(self.model)
        return Checker(model)

    @cached_property
    def samples(self) -> list[Sample]:
        """Held-out statements of the corpus and, where there are any, those of `gold`."""
        rows = [row for row in load().rows if row.voice in self.held_out]
        if not rows:
            raise SystemExit(f"trust: the corpus has no statement of {', '.join(self.held_out)}")
        found = [Sample.of("", self.unlearnt, rows)]
        if self.gold is not None:
            found.append(Sample.of(self.gold.stem, self.packaged, list(read_statements(self.gold)), told=False))
        return found


def tiny_model(path: Path) -> None:
    """Write a model that is small and quickly read."""
    corpus = load()
    fit(replace(corpus, rows=corpus.rows[:: len(corpus.rows) // 600]), _TINY, jobs=1).save(path)


def say(line: str) -> None:
    """Tell of progress."""
    print(f"trust: {line}", file=sys.stderr, flush=True)
