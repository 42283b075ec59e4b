"""What a model is fitted on, and the parts that it is tried across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from magcheck.training.design import Design, Floats
from magcheck.training.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trial:
    """Statements, parted into folds: what is fitted on some folds is tried on the others.

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
    chosen: Settings
    jobs: int

    @property
    def counts(self) -> Floats:
        """How much each statement counts in what is fitted for stance."""
        # People ask one thing at a time, not its hardest neighbours.
        return np.where(self.asked, self.chosen.asked, 1.0)

    @property
    def wholes(self) -> list[NDArray[np.bool_]]:
        """Which statements are learnt from: for each fold those of the others, and behind these all."""
        return [self.folds != fold for fold in range(self.chosen.folds)] + [np.ones(len(self.folds), dtype=bool)]

    def unseen(self, fitted: Sequence[T], given: Callable[[T, NDArray[np.bool_]], Floats]) -> Floats:
        """Return what each statement gets where it was not learnt from.

        Parameters
        ----------
        fitted
            What was fitted on each of `wholes`.
        given
            Returns what one of these gives the statements of its second argument.
        """
        of_folds = [given(one, self.folds == fold) for fold, one in enumerate(fitted[:-1])]
        unseen = np.empty((len(self.folds), of_folds[0].shape[1]))
        for fold, one in enumerate(of_folds):
            unseen[self.folds == fold] = one
        return unseen
