"""Checking statements: from text to verdicts, with the passages that decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from magcheck.errors import InputError
from magcheck.model import Model, Scores
from magcheck.paths import model_file
from magcheck.reading import Reading
from magcheck.verdict import BASES, LABEL_OF, LABELS, Passage, Verdict

_SHOWN = 3


class Checker:
    """Checks statements with one model.

    Parameters
    ----------
    model
        The model; `Checker.load` reads one from a file.

    Examples
    --------
    >>> from magcheck import Checker
    >>> checker = Checker.load()
    >>> [verdict.label for verdict in checker.check_many(["Magnesium cures ALS", "Turmeric slows ALS"])]
    ['unsupported', 'uncertain']
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._sentences: list[str] = model.meta["sentences"]
        self._passages: dict[str, list[dict[str, Any]]] = {}
        for passage in model.meta["passages"]:
            for sentence in passage["source"]:
                self._passages.setdefault(sentence, []).append(passage)
        self._concepts: dict[str, frozenset[str]] = {}

    @classmethod
    def load(cls, path: str | Path | None = None) -> Checker:
        """Return a checker with the model at `path`, or with the one that comes with the package.

        Raises
        ------
        ModelError
            If the file is missing, damaged, or of another protocol.
        """
        return cls(Model.load(model_file() if path is None else Path(path)))

    def check(self, statement: str, *, explain: bool = False) -> Verdict:
        """Check one statement.

        Raises
        ------
        InputError
            If `statement` is not text, is empty, or is longer than ten thousand characters.
        """
        reading = self.model.reader.read(statement)
        if not statement.strip():
            raise InputError("the statement is empty")
        scores = self.model.score(reading)
        chances = [round(float(chance), 6) for chance in scores.bases]
        probabilities = dict.fromkeys(LABELS, 0.0)
        for basis, chance in zip(BASES, chances, strict=True):
            probabilities[LABEL_OF[basis]] += chance
        # The rounded probabilities sum to 1: what rounding lost goes to the likeliest.
        label = max(LABELS, key=probabilities.__getitem__)
        probabilities[label] += 1.0 - sum(probabilities.values())
        probabilities = {name: round(chance, 6) for name, chance in probabilities.items()}
        basis = max((chance, basis) for basis, chance in zip(BASES, chances, strict=True) if LABEL_OF[basis] == label)[
            1
        ]
        verdict = Verdict(
            statement=statement,
            label=label,
            basis=basis,
            confidence=probabilities[label],
            probabilities=probabilities,
            passages=self._rank(reading, scores),
        )
        if not explain:
            return verdict
        from magcheck import explanation

        return replace(verdict, explanation=explanation.explain(self, reading, scores, verdict))

    def check_many(self, statements: Iterable[str], *, explain: bool = False) -> Iterator[Verdict]:
        """Check statements one after another, lazily and in order.

        Raises
        ------
        InputError
            At the first statement that cannot be checked; `magcheck.files` keeps going instead.
        """
        return (self.check(statement, explain=explain) for statement in statements)

    def _rank(self, reading: Reading, scores: Scores) -> tuple[Passage, ...]:
        slope, intercept = self.model.arrays.relevance
        ranked = np.argsort(-scores.sentences, kind="stable")[:_SHOWN]
        chances = 1.0 / (1.0 + np.exp(-(slope * scores.sentences[ranked] + intercept)))
        return tuple(
            self._passage(self._sentences[at], reading, round(float(chance), 6))
            for at, chance in zip(ranked, chances, strict=True)
        )

    def _passage(self, sentence: str, reading: Reading, relevance: float) -> Passage:
        candidates = self._passages[sentence]
        stored = candidates[0]
        if len(candidates) > 1:
            # A sentence that says two things has a passage for each: the one that shares most concepts is shown.
            named = {concept for _, _, concepts in reading.mentions for concept in concepts}
            stored = max(candidates, key=lambda one: len(named & self._concepts_of(one)))
        return Passage(stored["id"], stored["section"], stored["text"], tuple(stored["source"]), relevance)

    def _concepts_of(self, passage: dict[str, Any]) -> frozenset[str]:
        known = self._concepts.get(passage["id"])
        if known is None:
            mentions = self.model.reader.read(passage["text"]).mentions
            known = frozenset(concept for _, _, concepts in mentions for concept in concepts)
            self._concepts[passage["id"]] = known
        return known


@cache
def _default() -> Checker:
    return Checker.load()


def check(statement: str, *, explain: bool = False) -> Verdict:
    """Check one statement with the model that comes with the package, which is loaded once.

    Examples
    --------
    >>> from magcheck import check
    >>> check("Magnesium oil may ease cramps in MND").label
    'supported'
    """
    return _default().check(statement, explain=explain)
