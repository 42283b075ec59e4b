"""What a model is fitted on, and the parts that it is tried across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from magcheck.training.design import Design, Floats
from magcheck.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Trial:
    """Statements, parted into folds: what is fitted on some folds is tried on the others.

    Attributes
    ----------
    design
        Their features.
    bases, folds : int (n,)
        The number of each statement's basis, and of its fold.
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

    def unseen(self, found: Sequence[Floats]) -> Floats:
        """Return what each statement gets where it was not learnt from, given what all get from each of `wholes`."""
        unseen = np.empty_like(found[-1])
        for fold, one in enumerate(found[:-1]):
            unseen[self.folds == fold] = one[self.folds == fold]
        return unseen
