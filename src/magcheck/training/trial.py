"""What a model is fitted on, and the parts that it is tried across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from magcheck.corpus import Corpus
from magcheck.errors import CorpusError
from magcheck.features import Encoder
from magcheck.reading import Reader, Reading
from magcheck.training.design import Design, Floats, further, group_folds, make_design
from magcheck.training.framing import framed
from magcheck.training.settings import Settings
from magcheck.verdict import BASES

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is learnt from beside a trial's statements, and never tried: some of them in frames.

    Attributes
    ----------
    present : csr (m, d)
        Their features, in the columns of the trial's design.
    rows, bases : int (m,)
        The statement that each was made of, and the number of its basis.
    """

    present: sp.csr_matrix
    rows: NDArray[np.intp]
    bases: NDArray[np.intp]

    def only(self, kept: NDArray[np.bool_]) -> Beside:
        """Return what was made of the statements that are kept (n,)."""
        own = kept[self.rows]
        return Beside(self.present[own], self.rows[own], self.bases[own])


@dataclass(frozen=True, slots=True)
class Trial:
    """Statements, parted into folds: what is fitted on some folds is tried on another.

    Attributes
    ----------
    design
        Their features.
    bases, folds : int (n,)
        The number of each statement's basis, and of its fold.
    named : bool (n, s)
        Which sentences settle each statement.
    asked : bool (n,)
        Which are such as people ask.
    beside
        What is learnt from where the statement that it was made of is.
    chosen
        Sizes and penalties.
    jobs
        How much is fitted at the same time.
    """

    design: Design
    bases: NDArray[np.intp]
    folds: NDArray[np.intp]
    named: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    beside: Beside
    chosen: Settings
    jobs: int

    @property
    def counts(self) -> Floats:
        """How much each statement counts in what is fitted for stance."""
        # People ask one thing at a time, not its hardest neighbours.
        return np.where(self.asked, self.chosen.asked, 1.0)

    @property
    def tried_folds(self) -> range:
        """The folds that are tried: each by what was fitted on all others."""
        sizes = np.cumsum(np.bincount(self.folds, minlength=self.chosen.folds))
        # Two at least: what is fitted to one of them is tried on another.
        enough = max(2, int(np.searchsorted(sizes, self.chosen.tried)) + 1)
        return range(min(enough, self.chosen.folds))

    @property
    def tried(self) -> NDArray[np.intp]:
        """The statements (t,) of these folds."""
        return np.flatnonzero(np.isin(self.folds, self.tried_folds))

    @property
    def wholes(self) -> list[NDArray[np.bool_]]:
        """Which statements are learnt from: for each fold that is tried those of the others, and behind these all."""
        return [self.folds != fold for fold in self.tried_folds] + [np.ones(len(self.folds), dtype=bool)]

    def unseen(self, fitted: Sequence[T], given: Callable[[T, NDArray[np.bool_]], Floats]) -> Floats:
        """Return what each statement that is tried (t,) gets where it was not learnt from.

        Parameters
        ----------
        fitted
            What was fitted on each of `wholes`.
        given
            Returns what one of these gives the statements of its second argument.
        """
        of_folds = [given(one, self.folds == fold) for fold, one in zip(self.tried_folds, fitted[:-1], strict=True)]
        unseen = np.empty((len(self.folds), of_folds[0].shape[1]))
        for fold, one in zip(self.tried_folds, of_folds, strict=True):
            unseen[self.folds == fold] = one
        return unseen[self.tried]


def make_trial(
    corpus: Corpus, reader: Reader, encoder: Encoder, readings: Sequence[Reading], chosen: Settings, jobs: int
) -> Trial:
    """Return the trial of a corpus, given the reading of each of its statements.

    Raises
    ------
    CorpusError
        If a basis has too few statements.
    """
    rows = corpus.rows
    folds = group_folds(rows, chosen.folds, chosen.seed)
    for basis in BASES:
        found = [fold for fold, row in zip(folds.tolist(), rows, strict=True) if row.basis == basis]
        if len(set(found)) < 2:
            raise CorpusError(
                f"the corpus has {len(found)} statements that are {basis}, too few to learn from some and try the "
                "others; write a dozen at least of each basis, not all in one contrast group or natural voice"
            )
    design = make_design(encoder, readings, chosen.rarest)
    made = framed(rows, readings, corpus.frames, corpus.lexicon, round(chosen.framing * len(rows)), chosen.seed)
    return Trial(
        design,
        np.array([BASES.index(row.basis) for row in rows]),
        folds,
        np.array([[one in row.evidence for one in corpus.sentences] for row in rows]),
        np.array([row.natural for row in rows]),
        Beside(
            further(design, encoder, [reader.read(one.statement) for one in made]).present,
            np.array([one.row for one in made], dtype=np.intp),
            np.array([BASES.index(one.basis) for one in made], dtype=np.intp),
        ),
        chosen,
        jobs,
    )
