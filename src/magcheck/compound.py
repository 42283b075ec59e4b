"""Compound statements: the claims that a statement is made of, and what they say together.

The weakest claim decides. But a claim torn from its sentence is read worse than in it, so parts give a second
opinion to the reading of the whole, weighed as the corpus teaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from magcheck.chances import chances_of
from magcheck.lexicon import Lexicon
from magcheck.reading import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

# A whole that is read with this much confidence needs no second opinion.
SURE = 0.85
_SHORTEST = 3
_FEWEST_CHANCES = 1e-4
_MARKS = frozenset(".;:?")
_JOINTS = frozenset("but while whereas although though yet however".split())
# These join claims after a comma, and things or words without one.
_AFTER_COMMA = frozenset("and so or nor because since as which who".split())
PRONOUNS = frozenset("it this that".split())


def parts_of(reading: Reading, lexicon: Lexicon) -> list[Reading]:
    """Return the claims of a compound statement, or none where there is only one.

    A pronoun that a later claim begins with stands for the name that the first one speaks of.
    """
    edges = [0]
    before = ""
    for at, word in enumerate(reading.surfaces):
        if before in _MARKS or word in _JOINTS or (before == "," and word in _AFTER_COMMA):
            edges.append(at)
        before = word
    if len(edges) == 1:
        return []
    spans = []
    for start, end in zip(edges, [*edges[1:], len(reading.words)], strict=True):
        while start < end and (reading.surfaces[start] in _JOINTS | _AFTER_COMMA or _is_mark(reading, start)):
            start += 1
        while end > start and _is_mark(reading, end - 1):
            end -= 1
        if end - start >= _SHORTEST:
            spans.append((start, end))
    if len(spans) < 2:
        return []
    names = [word for word in reading.words[spans[0][0] : spans[0][1]] if lexicon.kinds.get(word) == "name"]
    parts = []
    for number, (start, end) in enumerate(spans):
        words, surfaces = reading.words[start:end], reading.surfaces[start:end]
        if number and names and surfaces[0] in PRONOUNS:
            words[0] = surfaces[0] = names[0]
        parts.append(Reading(words, surfaces, reading.tokens[start:end], lexicon.match(words)))
    return parts


def _is_mark(reading: Reading, at: int) -> bool:
    return not reading.words[at][0].isalnum()


def opinions(whole: Floats, parts: Floats, owners: Places) -> Floats:
    """Return what the parts of statements say beside the whole.

    Parameters
    ----------
    whole : float64 (n, 4)
        Probability of each basis, of statements as wholes.
    parts, owners : float64 (m, 4), intp (m,)
        The same of their parts, and the number of the statement that each is of.

    Returns
    -------
    float64 (n, 9)
        Logarithms of `whole`; of the chances that all parts are asserted, that one is contradicted, or neither, were
        they independent; of the greatest chance that one is hedged, or not addressed.
    """
    asserted = np.ones(len(whole))
    consistent = np.ones(len(whole))
    np.multiply.at(asserted, owners, parts[:, 0])
    np.multiply.at(consistent, owners, 1.0 - parts[:, 1])
    open_ = np.zeros((len(whole), 2))
    np.maximum.at(open_, owners, parts[:, 2:])
    said = np.column_stack((whole, asserted, 1.0 - consistent, consistent - asserted, open_))
    return np.log(np.maximum(said, _FEWEST_CHANCES))


def mixed(said: Floats, mixing: Floats) -> Floats:
    """Return the probability of each basis (n, 4), given `opinions` (n, 9) and their weights (10, 4).

    The weights are what is added to the log-odds of the whole; the last row is the same for every statement.
    """
    odds = said[:, :4] + mixing[-1]
    # Added one by one, so that a sum is the same whatever company a statement is in.
    for column, weights in zip(said.T, mixing[:-1], strict=True):
        odds = odds + column[:, None] * weights
    return chances_of(odds)


def split(readings: Sequence[Reading], lexicon: Lexicon) -> tuple[list[Reading], Places]:
    """Return the parts of all readings that have some, and the number of the reading that each is of."""
    found = [(at, part) for at, reading in enumerate(readings) for part in parts_of(reading, lexicon)]
    return [part for _, part in found], np.array([at for at, _ in found], dtype=np.intp)
