"""Rows: one statement on its way through a file, before and after it is checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from magcheck.verdict import Verdict

# What an answer adds to a row of JSON. An input field of such a name comes through under another one.
ANSWER = frozenset({"label", "basis", "confidence", "probabilities", "passages", "explanation", "error"})


class InputRow(NamedTuple):
    """One row of a file, as it was read.

    Attributes
    ----------
    number
        Where the row begins, counted from 1, in `unit`.
    statement
        The statement, or None where the row has none that can be read.
    fields
        Every field of the row, that of the statement among them, under its name in the file.
    error
        Why the row cannot be checked, or None.
    unit
        What `number` counts: ``"line"``, ``"row"`` or ``"element"``.
    """

    number: int
    statement: str | None
    fields: Mapping[str, Any] = {}
    error: str | None = None
    unit: str = "line"

    @property
    def place(self) -> str:
        """Where the row stands, in words.

        >>> InputRow(7, "Magnesium prevents ALS").place
        'line 7'
        """
        return f"{self.unit} {self.number}"


class OutputRow(NamedTuple):
    """One row of a file with its answer: a verdict, or the error that stands in its place.

    Attributes
    ----------
    number
        Where the row begins in the input, counted from 1.
    verdict
        The verdict, or None where the row could not be checked.
    error
        Why it could not, or None.
    fields
        Every field of the input row.
    statement
        The statement as it was read, or None.
    """

    number: int
    verdict: Verdict | None
    error: str | None = None
    fields: Mapping[str, Any] = {}
    statement: str | None = None

    @property
    def label(self) -> str | None:
        """The verdict's label, or None where there is no verdict."""
        return None if self.verdict is None else self.verdict.label

    def to_dict(self) -> dict[str, Any]:
        """Return the input's fields, then the verdict's, as JSON-ready values.

        An input field that is named like one of the verdict's is kept with ``input_`` before its name.

        >>> OutputRow(1, None, "line 1: the statement is empty", {"label": "x"}, "").to_dict()
        {'input_label': 'x', 'statement': '', 'label': None, 'error': 'line 1: the statement is empty'}
        """
        answer = {"label": None, "error": self.error} if self.verdict is None else self.verdict.to_dict()
        return self.given() | answer

    def given(self) -> dict[str, Any]:
        """Return the input's fields under the names that they have in `to_dict`, the statement among them."""
        if not self.fields:
            return {"statement": self.statement}
        # What stands there and is no text comes through as it is.
        own = {} if self.statement is None and "statement" in self.fields else {"statement": self.statement}
        taken = ANSWER | own.keys() if self.fields.get("statement", self.statement) != self.statement else ANSWER
        names = input_names(self.fields, taken)
        return dict(zip(names, self.fields.values(), strict=True)) | own


def input_names(names: Iterable[str], taken: Collection[str]) -> list[str]:
    """Return the names under which input fields come through, none of them `taken` and none twice.

    >>> input_names(["id", "label", "input_label"], {"label", "error"})
    ['id', 'input_input_label', 'input_label']
    """
    names = list(names)
    used = set(taken) | {name for name in names if name not in taken}
    shown = []
    for name in names:
        if name in taken:
            while name in used:
                name = f"input_{name}"
            used.add(name)
        shown.append(name)
    return shown
