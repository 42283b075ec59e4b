"""Checking statements: from text to verdicts, with the passages that decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from magcheck.chances import SETTLED, of_labels
from magcheck.errors import InputError
from magcheck.model import Model, Scores
from magcheck.paths import model_file
from magcheck.reading import Reading
from magcheck.verdict import BASES, LABEL_OF, LABELS, Passage, Verdict

if TYPE_CHECKING:
    from os import PathLike

_SHOWN = 3
# Scoring takes as much memory as the statements are long, and gains nothing from more of them.
_AT_ONCE = 256
_CHARACTERS_AT_ONCE = 40_000
_MILLION = 1_000_000
# Log-odds beyond which a chance is 0 or 1 in any precision.
_FAR = 500.0
_BASES_OF_LABELS = np.array([[LABEL_OF[basis] == label for basis in BASES] for label in LABELS])

_Waiting = tuple[str, Reading]
# What a passage is but for its relevance.
_Told = tuple[str, str, str, tuple[str, ...]]


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
        self._passages: dict[str, list[_Told]] = {}
        for passage in model.meta["passages"]:
            source = tuple(passage["source"])
            for sentence in source:
                told = (passage["id"], passage["section"], passage["text"], source)
                self._passages.setdefault(sentence, []).append(told)
        self._concepts: dict[str, list[tuple[_Told, frozenset[str]]]] = {}

    @classmethod
    def load(cls, path: str | PathLike[str] | None = None) -> Checker:
        """Return a checker with the model at `path`, or with the one that comes with the package.

        Raises
        ------
        ModelError
            If the file is missing, damaged, or of another protocol.
        """
        return cls(Model.load(model_file() if path is None else path))

    def check(self, statement: str, *, explain: bool = False) -> Verdict:
        """Check one statement.

        Raises
        ------
        InputError
            If `statement` is not text, is empty, or is longer than ten thousand characters.
        """
        (answer,) = self.answers([statement], explain=explain)
        if isinstance(answer, InputError):
            raise answer
        return answer

    def check_many(self, statements: Iterable[str], *, explain: bool = False) -> Iterator[Verdict]:
        """Check statements lazily and in order.

        They are taken one, two, four and in the end 256 at a time, which makes them several times as fast as
        `check`. Where each must be answered before the next can come, use that.

        Raises
        ------
        InputError
            At the first statement that cannot be checked; `answers` and `magcheck.files` keep going instead.
        """
        given, count = iter(statements), 1
        while taken := list(islice(given, count)):
            for answer in self.answers(taken, explain=explain):
                if isinstance(answer, InputError):
                    raise answer
                yield answer
            count = min(2 * count, _AT_ONCE)

    def answers(self, statements: Iterable[str], *, explain: bool = False) -> list[Verdict | InputError]:
        """Return the verdict on each statement, or the reason why there is none.

        Statements are scored many at a time; no verdict depends on the company that its statement is in.
        """
        answers: list[Verdict | InputError] = []
        waiting: list[_Waiting] = []
        characters = 0
        for statement in statements:
            try:
                reading = self.model.reader.read(statement)
                if not statement.strip():
                    raise InputError("the statement is empty")
            except InputError as error:
                answers += self._verdicts(waiting, explain)
                answers.append(error)
                waiting, characters = [], 0
                continue
            waiting.append((statement, reading))
            characters += len(statement)
            if characters > _CHARACTERS_AT_ONCE:
                answers += self._verdicts(waiting, explain)
                waiting, characters = [], 0
        return answers + self._verdicts(waiting, explain)

    def _verdicts(self, statements: Sequence[_Waiting], explain: bool) -> list[Verdict]:
        if not statements:
            return []
        scores = self.model.judge([reading for _, reading in statements])
        # Probabilities in whole millionths sum to 1: what rounding lost goes to the likeliest label.
        bases = np.rint(scores.bases * _MILLION).astype(np.int64)
        labels = of_labels(bases)
        best = labels.argmax(axis=1)
        each = np.arange(len(labels))
        labels[each, best] += _MILLION - labels.sum(axis=1)
        ours = np.where(_BASES_OF_LABELS[best], bases, -1)
        told = zip(
            statements,
            best.tolist(),
            ours.argmax(axis=1).tolist(),
            (labels / _MILLION).tolist(),
            self._ranked(scores),
            strict=True,
        )
        verdicts = [
            Verdict(
                statement=statement,
                label=LABELS[label],
                basis=BASES[basis],
                confidence=chances[label],
                probabilities=dict(zip(LABELS, chances, strict=True)),
                passages=tuple(
                    [
                        self._passage(self._sentences[at], reading, chance)
                        for at, chance in (ranked if basis < SETTLED else self._near(ranked, reading))
                    ]
                ),
            )
            for (statement, reading), label, basis, chances, ranked in told
        ]
        if not explain:
            return verdicts
        from magcheck import explanation

        return [
            verdict._replace(explanation=explanation.explain(self, reading, verdict))
            for (_, reading), verdict in zip(statements, verdicts, strict=True)
        ]

    def _ranked(self, scores: Scores) -> list[list[tuple[int, float]]]:
        slope, intercept = self.model.arrays.relevance
        left = scores.sentences.copy()
        each = np.arange(len(left))
        ranked, best = [], []
        for _ in range(min(_SHOWN, left.shape[1])):
            ranked.append(left.argmax(axis=1))
            best.append(left[each, ranked[-1]])
            left[each, ranked[-1]] = -np.inf
        odds = np.clip(slope * np.array(best) + intercept, -_FAR, _FAR)
        chances = np.rint(_MILLION / (1.0 + np.exp(-odds))) / _MILLION
        return [
            list(zip(*one, strict=True)) for one in zip(np.array(ranked).T.tolist(), chances.T.tolist(), strict=True)
        ]

    def _passage(self, sentence: str, reading: Reading, relevance: float) -> Passage:
        candidates = self._passages[sentence]
        if len(candidates) == 1:
            return Passage(*candidates[0], relevance)
        # A sentence that says two things has a passage for each: the one that shares most concepts is shown, and of
        # two that share as many, the one that says less beside them.
        named = set[str]().union(*[concepts for _, _, concepts in reading.mentions])
        told, _ = max(self._said(sentence), key=lambda one: (len(named & one[1]), -len(one[1])))
        return Passage(*told, relevance)

    def _near(self, ranked: Iterable[tuple[int, float]], reading: Reading) -> list[tuple[int, float]]:
        """Return those of the ranked sentences that speak of a topic that the statement names."""
        named = set(reading.words).union(*[concepts for _, _, concepts in reading.mentions])
        named &= self.model.distance.topics
        return [one for one in ranked if any(named & concepts for _, concepts in self._said(self._sentences[one[0]]))]

    def _said(self, sentence: str) -> list[tuple[_Told, frozenset[str]]]:
        """Return what is told of each passage of a sentence, with the concepts that it names."""
        known = self._concepts.get(sentence)
        if known is None:
            texts = [told[2] for told in self._passages[sentence]]
            named = [[concepts for _, _, concepts in self.model.reader.read(text).mentions] for text in texts]
            sets = [frozenset[str]().union(*one) for one in named]
            known = self._concepts[sentence] = list(zip(self._passages[sentence], sets, strict=True))
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
