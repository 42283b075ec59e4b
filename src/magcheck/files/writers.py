"""Writers: one text for each row of answers, in every format that is written as the rows come."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from magcheck.errors import InputError
from magcheck.files import FORMATS
from magcheck.files.rows import OutputRow, input_names
from magcheck.files.tables import escape
from magcheck.terminal import Style, line
from magcheck.verdict import LABELS, Passage

_FORMAT_OF = {
    ".txt": "text", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "tsv",
    ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html",
}  # fmt: skip

# The columns of an answer in a table. Of the passages, only the first is shown.
ANSWER_COLUMNS = (
    "label", "basis", "confidence", "probability_supported", "probability_unsupported", "probability_uncertain",
    "passage_id", "passage_section", "passage_text", "passage_source", "passage_relevance", "error",
)  # fmt: skip

# Made once: for each row it would take as long as the row.
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_MARKUP = re.compile(r"[\\`*_{}\[\]#|~]")
_BAR = re.compile(r"(?<!\\)\|")


def choose_format(output: Path | None, usual: str) -> str:
    """Return the format that a file's name tells, or `usual` for standard output.

    Raises
    ------
    InputError
        If the name tells none.

    >>> choose_format(Path("verdicts.csv"), "text"), choose_format(None, "text")
    ('csv', 'text')
    """
    if output is None:
        return usual
    if output.is_dir():
        raise InputError(f"{output}: is a folder; name a file in it")
    name = _FORMAT_OF.get(output.suffix.lower())
    if name is None:
        raise InputError(f"{output}: its name does not tell a format; say --format, one of {', '.join(FORMATS)}")
    return name


class Writer(Protocol):
    """A format: how rows are spelt, and what stands before, between and after them.

    An output is ``opening + row + between + row + … + closing``; each row ends a line but for what `between` and
    `closing` begin with.
    """

    @property
    def opening(self) -> str:
        """What stands before the first row."""

    @property
    def between(self) -> str:
        """What stands between two rows."""

    @property
    def closing(self) -> str:
        """What stands after the last row."""

    @property
    def quoted(self) -> bool:
        """Whether a line end within double quotes belongs to a row."""

    def row(self, row: OutputRow) -> str:
        """Return the text of one row."""

    def label(self, text: str) -> str | None:
        """Return the label in the text of a row, None where it holds an error."""


def open_writer(
    name: str,
    columns: Sequence[str] = (),
    column: str | None = None,
    *,
    explained: bool = False,
    style: Style | None = None,
) -> Writer:
    """Return the writer of a streamed format.

    Parameters
    ----------
    name
        One of `FORMATS` but ``"html"``, which `magcheck.files.report` writes as a whole.
    columns
        The input's fields, which a table has columns for.
    column
        Which of them was named as the one that holds the statement.
    explained
        Whether a table has a column for explanations.
    style
        How text is set.
    """
    makers: dict[str, Callable[[], Writer]] = {
        "text": lambda: TextWriter(style or Style()),
        "json": JSONWriter,
        "jsonl": JSONLinesWriter,
        "csv": lambda: CSVWriter(columns, column, explained),
        "tsv": lambda: CSVWriter(columns, column, explained, "\t"),
        "markdown": lambda: MarkdownWriter(columns, column, explained),
    }
    if name not in makers:
        raise InputError(f"format {name!r} is not written row by row; these are: {', '.join(makers)}")
    return makers[name]()


def to_json(value: Any, indent: int | None = None) -> str:
    """Return `value` as JSON, on one line or indented, in characters that UTF-8 can carry."""
    text = _ENCODER.encode(value) if indent is None else json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:  # A lone surrogate, which came in as an escape and goes out as one.
        return json.dumps(value, indent=indent)
    return text


@dataclass(frozen=True, slots=True)
class JSONLinesWriter:
    """JSON Lines: an object a line."""

    opening: str = ""
    between: str = ""
    closing: str = ""
    quoted: bool = False

    def row(self, row: OutputRow) -> str:
        """Return the row as an object."""
        return _object(row) + "\n"

    def label(self, text: str) -> str | None:
        """Return the label in an object."""
        label: str | None = json.loads(text)["label"]
        return label


@dataclass(frozen=True, slots=True)
class JSONWriter(JSONLinesWriter):
    """JSON: an array with an object a line."""

    opening: str = "[\n"
    between: str = ",\n"
    closing: str = "\n]\n"

    def row(self, row: OutputRow) -> str:
        """Return the row as an object."""
        return _object(row)


def _object(row: OutputRow) -> str:
    """Return ``to_json(row.to_dict())``, but faster: most of it is passages, and each is spelt once."""
    verdict = row.verdict
    if verdict is None or verdict.explanation is not None:
        return to_json(row.to_dict())
    given = to_json(row.given()).removesuffix("}") if row.fields else f'{{"statement": {to_json(row.statement)}'
    chances = ", ".join([f'"{label}": {chance!r}' for label, chance in verdict.probabilities.items()])
    passages = ", ".join([f"{_opened(*passage[:-1])}{passage.relevance!r}}}" for passage in verdict.passages])
    return (
        f'{given}, "label": "{verdict.label}", "basis": "{verdict.basis}", "confidence": {verdict.confidence!r}, '
        f'"probabilities": {{{chances}}}, "passages": [{passages}]}}'
    )


@lru_cache(maxsize=1 << 12)
def _opened(name: str, section: str, text: str, source: tuple[str, ...]) -> str:
    """Return a passage as an object that is open for its relevance."""
    return to_json(Passage(name, section, text, source, 0.0).to_dict()).removesuffix("0.0}")


class _Table:
    """What formats of rows and columns have in common."""

    between = ""
    closing = ""

    def __init__(self, columns: Sequence[str], column: str | None, explained: bool) -> None:
        self._fields = tuple(columns)
        self._answer = ("explanation", *ANSWER_COLUMNS) if explained else ANSWER_COLUMNS
        # The statement has a column of its own, unless it comes in one of that name.
        self._added = ["statement"] if "statement" not in columns or column not in (None, "statement") else []
        names = input_names(columns, {*self._added, *self._answer})
        self._header = [*names, *self._added, *self._answer]

    def _cells(self, row: OutputRow) -> list[str]:
        fields = row.fields
        if self._added:
            values = [*map(fields.get, self._fields), row.statement]
        else:
            # A row that is a bare text has its statement in no field.
            values = [fields.get(name, row.statement if name == "statement" else None) for name in self._fields]
        if len(self._answer) > len(ANSWER_COLUMNS):
            explanation = row.verdict.explanation if row.verdict else None
            values.append(explanation.to_text() if explanation else None)
        return [_cell(value) for value in (*values, *_answer(row))]


def _answer(row: OutputRow) -> list[Any]:
    verdict = row.verdict
    if verdict is None:
        return [None] * (len(ANSWER_COLUMNS) - 1) + [row.error]
    passage: list[Any] = [None] * 5
    if verdict.passages:
        first = verdict.passages[0]
        passage = [first.id, first.section, first.text, " ".join(first.source), first.relevance]
    chances = [verdict.probabilities[label] for label in LABELS]
    return [verdict.label, verdict.basis, verdict.confidence, *chances, *passage, None]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else to_json(value)


class CSVWriter(_Table):
    """CSV and TSV, with cells that a spreadsheet would run made harmless."""

    quoted = True

    def __init__(
        self,
        columns: Sequence[str],
        column: str | None = None,
        explained: bool = False,
        delimiter: str = ",",
    ) -> None:
        super().__init__(columns, column, explained)
        self._delimiter = delimiter
        self.opening = self._line(self._header)

    def _line(self, cells: Iterable[str]) -> str:
        text = io.StringIO(newline="")
        # Of the line ends within a cell, csv before Python 3.13 puts only its own terminator's in quotes.
        csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerow(map(escape, cells))
        return text.getvalue()[:-2] + "\n"

    def row(self, row: OutputRow) -> str:
        """Return the row as a line of cells."""
        return self._line(self._cells(row))

    def label(self, text: str) -> str | None:
        """Return the label in a line of cells."""
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter))
        return cells[-len(ANSWER_COLUMNS)] or None


class MarkdownWriter(_Table):
    """A table in Markdown, with everything that Markdown or HTML would take for its own made plain."""

    quoted = False

    def __init__(self, columns: Sequence[str], column: str | None = None, explained: bool = False) -> None:
        super().__init__(columns, column, explained)
        self.opening = self._line(self._header) + "|" + " --- |" * len(self._header) + "\n"

    def _line(self, cells: Iterable[str]) -> str:
        return "| " + " | ".join(map(_markdown, cells)) + " |\n"

    def row(self, row: OutputRow) -> str:
        """Return the row as a row of the table."""
        return self._line(self._cells(row))

    def label(self, text: str) -> str | None:
        """Return the label in a row of the table."""
        cells = _BAR.split(text.strip()[1:-1])
        return cells[-len(ANSWER_COLUMNS)].strip() or None


def _markdown(cell: str) -> str:
    return "<br>".join(_MARKUP.sub(r"\\\g<0>", html.escape(cell, quote=False)).splitlines())


@dataclass(frozen=True, slots=True)
class TextWriter:
    """A line for each row, for people."""

    style: Style = field(default_factory=Style)
    opening: str = ""
    between: str = ""
    closing: str = ""
    quoted: bool = False

    def row(self, row: OutputRow) -> str:
        """Return the row as a line."""
        return line(row.statement, row.verdict, row.error, self.style)

    def label(self, text: str) -> str | None:
        """Return the label in a line."""
        word = text.split(maxsplit=2)[1]
        return word if word in LABELS else None
