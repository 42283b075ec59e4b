"""Statements in frames: what is said around a whole statement, and what its basis becomes in it.

A frame such as "it is a myth that …" turns round what stands in it, and "whoever denies that … is mistaken" turns it
round twice. Framed statements are learnt from beside the others (data augmentation), so that a frame is told apart from
what stands in it: what turns one statement round turns any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from magcheck.corpus import Frame, Row
from magcheck.lexicon import Lexicon
from magcheck.reading import Reading

# What a denied statement stands on. What is open or not addressed stays so.
_TURNED = {"asserted": "contradicted", "contradicted": "asserted"}
# Statements of these kinds are no one plain claim, which a frame wants.
_NOT_PLAIN = frozenset(("advice", "compound", "not-a-claim", "off-topic", "question", "testimony"))
_PLAIN = re.compile(r"[^\W\d_][^?\"“”]*")
_WITHIN = re.compile(r"[.!:;].")
_FEWEST_WORDS, _MOST_WORDS = 3, 22
# Whether "it is a lie that it may help" denies the *may* or leaves it open is for nobody to say.
_LOOSE = frozenset(("hedge", "openness"))


class Framed(NamedTuple):
    """A statement in a frame: the number of the row that stands in it, its basis, and its text."""

    row: int
    basis: str
    statement: str


def framed(
    rows: Sequence[Row], readings: Sequence[Reading], frames: Sequence[Frame], lexicon: Lexicon, count: int, seed: int
) -> list[Framed]:
    """Put statements into frames.

    Parameters
    ----------
    rows, readings
        Statements, and what was read of each.
    frames, lexicon
        Frames, and the lexicon that the readings were made with.
    count
        How many framed statements there are at most: there are fewer where fewer are plain, or a frame would deny
        what is only held possible, and none where there is no frame.
    seed
        Of what is put into what.
    """
    if not frames:
        return []
    rng = np.random.default_rng(seed)
    plain = np.array([at for at, row in enumerate(rows) if _is_plain(row)], dtype=np.intp)
    chosen = rng.permutation(plain)[:count].tolist()
    found = []
    for at, number in zip(chosen, rng.integers(len(frames), size=len(chosen)).tolist(), strict=True):
        row, frame = rows[at], frames[number]
        if frame.denies:
            kinds = {lexicon.kinds[name] for _, _, names in readings[at].mentions for name in names}
            if row.basis == "asserted" and not _LOOSE.isdisjoint(kinds):
                continue
        basis = _TURNED.get(row.basis, row.basis) if frame.denies else row.basis
        # No reading minds in which case a statement is written, so it is left as it is.
        found.append(Framed(at, basis, frame.around(row.statement.strip().rstrip(".! "))))
    return found


def _is_plain(row: Row) -> bool:
    statement = row.statement.strip()
    return (
        _NOT_PLAIN.isdisjoint(row.tags)
        and _FEWEST_WORDS <= len(statement.split()) <= _MOST_WORDS
        and _PLAIN.fullmatch(statement) is not None
        and _WITHIN.search(statement) is None
    )
