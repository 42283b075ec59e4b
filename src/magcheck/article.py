"""The article itself: a person's own copy, each of whose sentences is laid beside the passage that restates it.

The corpus has no sentence of the article. Passages follow its order, so the two are aligned as wholes: of all ways
to walk through both without going back, the one in which words and concepts agree most is taken (Needleman and
Wunsch 1970, with one sentence open to several passages).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from magcheck.errors import InputError
from magcheck.reading import Reader

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])")
_LEAST_AGREEMENT = 0.12
_SHORTEST = 4


def read_sentences(path: Path) -> list[str]:
    """Return the sentences, list items and table cells of a text file, in order.

    Raises
    ------
    InputError
        If the file cannot be read as UTF-8 text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name a text file of the article") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text (byte {error.start}); save the article as plain UTF-8") from error
    pieces: list[str] = []
    for line in text.splitlines():
        cells = line.strip().strip("|").split("|") if line.lstrip().startswith("|") else [line]
        for cell in cells:
            whole = cell.strip().lstrip("-*# ").strip()
            # A table's cell is one piece: each restates it whole.
            parts = [whole] if len(cells) > 1 else _SENTENCE_END.split(whole)
            pieces += [part for part in parts if len(part.split()) >= _SHORTEST]
    return pieces


def align(path: Path, passages: Sequence[Mapping[str, Any]], reader: Reader) -> dict[str, str | None]:
    """Find the article's own sentence for each passage.

    Parameters
    ----------
    path
        The article, as text.
    passages
        The document's passages, with ``id`` and ``text``, in order.
    reader
        Reads both.

    Returns
    -------
    dict
        For each passage's id, the sentence, or None where none fits.
    """
    sentences = read_sentences(path)
    ours = [_terms(reader, passage["text"]) for passage in passages]
    theirs = [_terms(reader, sentence) for sentence in sentences]
    spread = Counter(term for terms in (*ours, *theirs) for term in terms)
    total = len(ours) + len(theirs)
    weight = {term: math.log(total / count) + 0.1 for term, count in spread.items()}
    agreement = [[_agreement(a, b, weight) for b in theirs] for a in ours]
    chosen = _walk(agreement)
    return {passage["id"]: None if at is None else sentences[at] for passage, at in zip(passages, chosen, strict=True)}


def _terms(reader: Reader, text: str) -> frozenset[str]:
    reading = reader.read(text[:10_000])
    concepts = {f"*{name}" for _, _, names in reading.mentions for name in names}
    return frozenset(concepts | {word for word in reading.words if word[0].isalnum()})


def _agreement(a: frozenset[str], b: frozenset[str], weight: Mapping[str, float]) -> float:
    # Sorted, so that the sum does not depend on the order of a set.
    shared = sum(weight[term] for term in sorted(a & b))
    return shared / (sum(weight[term] for term in sorted(a | b)) or 1.0)


def _walk(agreement: Sequence[Sequence[float]]) -> list[int | None]:
    """Return the best column for each row, never going back; None where the best agrees too little."""
    if not agreement or not agreement[0]:
        return [None] * len(agreement)
    columns = range(len(agreement[0]))
    best = [0.0] * len(agreement[0])
    steps: list[list[int]] = []
    for row in agreement:
        reached, step, top = [], [], 0
        for column in columns:
            top = column if best[column] > best[top] else top
            gain = row[column] if row[column] >= _LEAST_AGREEMENT else 0.0
            reached.append(best[top] + gain)
            step.append(top)
        best = reached
        steps.append(step)
    at = max(columns, key=best.__getitem__)
    walked: list[int | None] = []
    for row, step in zip(reversed(agreement), reversed(steps), strict=True):
        walked.append(at if row[at] >= _LEAST_AGREEMENT else None)
        at = step[at]
    return walked[::-1]
