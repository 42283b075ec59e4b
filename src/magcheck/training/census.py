"""Counts and comparisons over the statements of a corpus."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from magcheck.corpus import Row
from magcheck.training.duplicates import near_duplicates

_WORDS = re.compile(r"\w+")

ByText = Mapping[str, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Probe:
    """How well n statements are labelled from their wording alone, beside always saying their commonest label."""

    n: int
    commonest: float
    accuracy: float


def plain(statement: str) -> str:
    """Return what is left of a statement without case and punctuation.

    Examples
    --------
    >>> plain("Magnesium:   prevents ALS?!")
    'magnesium prevents als'
    """
    folded = unicodedata.normalize("NFKC", statement).casefold()
    return " ".join(_WORDS.findall(folded)) or folded.strip()


def by_text(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of each `plain` text, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(plain(row.statement), []).append(row)
    return found


def by_group(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of each contrast group."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.group is not None:
            found.setdefault(row.group, []).append(row)
    return found


def by_voice(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """Return how many statements of each basis each voice has."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        found[row.voice][row.basis] += 1
    return dict(sorted(found.items()))


def has_contrast(group: Sequence[Row]) -> bool:
    """Return whether the basis changes within a group."""
    return len({row.basis for row in group}) > 1


def near_pairs(texts: ByText) -> list[tuple[Row, Row, float]]:
    """Return rows that are nearly the same, and how alike they are, outside contrast groups."""
    names = list(texts)
    return [
        (a, b, likeness)
        for first, second, likeness in near_duplicates(names)
        for a, b in product(texts[names[first]], texts[names[second]])
        if a.group is None or a.group != b.group
    ]


def vocabulary(texts: Iterable[str]) -> set[str]:
    """Return the distinct words of `plain` texts."""
    return {word for text in texts for word in text.split()}


def distinct_bigrams(texts: Iterable[str]) -> float:
    """Return the number of distinct pairs of neighbouring words over that of all pairs (Li et al. 2016)."""
    bigrams = Counter(pair for text in texts for pair in pairwise(text.split()))
    return len(bigrams) / max(bigrams.total(), 1)


def repeated(texts: ByText) -> list[tuple[Row, Row]]:
    """Return pairs of rows that are the same but for case and punctuation."""
    return [pair for rows in texts.values() for pair in combinations(rows, 2)]


def probe(rows: Sequence[Row], seed: int = 0, jobs: int = 2) -> dict[str, Probe]:
    """Return how far the wording alone gives labels away, by tag.

    A classifier of words and letters is fitted on other voices. Where it does much better than the commonest
    label, the tag's statements can be labelled without reading them (Gururangan et al. 2018).
    """
    from magcheck.training.baselines import claim_only, held_out, out_of_fold

    said, _ = out_of_fold(claim_only(seed), rows, held_out(rows, 5, seed), jobs)
    tagged: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row, label in zip(rows, said, strict=True):
        for tag in row.tags:
            tagged[tag].append((row.label, label))
    return {
        tag: Probe(
            n=len(pairs),
            commonest=round(max(Counter(label for label, _ in pairs).values()) / len(pairs), 4),
            accuracy=round(sum(label == other for label, other in pairs) / len(pairs), 4),
        )
        for tag, pairs in sorted(tagged.items())
    }
