"""Readers: rows of statements from every kind of file, in order, each bad one in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from magcheck.errors import InputError
from magcheck.files import records, tables
from magcheck.files.rows import InputRow
from magcheck.files.sources import Source

# Where a statement is looked for, in this order, when no column is named.
COLUMNS = ("statement", "claim", "text", "sentence")

_TYPES = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


class Reader:
    """Reads the rows of a source.

    Parameters
    ----------
    source
        An open source of any kind but ``"md"``.
    column
        The field that holds the statement; where it is None, the first of `COLUMNS` that there is, or the only
        one.
    header
        Whether a table's first row names its columns; without, they are named ``1``, ``2``, ….
    """

    def __init__(self, source: Source, column: str | None = None, header: bool = True) -> None:
        self.source = source
        self.column = column
        self.header = header
        self._begun = False
        self._ahead: Iterator[tables.Record] | None = None

    def __iter__(self) -> Iterator[InputRow]:
        """Yield the rows.

        Raises
        ------
        InputError
            If the source has no such column, or cannot be read on.
        """
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return self._table(ahead)
        if self._begun:
            self.source.rewind()
        self._begun = True
        kind = self.source.kind
        if kind == "md":
            raise InputError(f"{self.source.name}: is running text, not rows; its claims are found with --prose")
        if kind == "txt":
            return self._texts()
        if kind == "jsonl":
            return self._values(records.json_lines(self.source.lines("\n")), "line")
        if kind == "json":
            return self._values(records.json_values(self.source), "element")
        return self._table(self._records())

    def columns(self) -> list[str]:
        """Return the names of all fields of all rows, in the order in which they appear first.

        A table names them in its header. JSON is read through for them, standard input being kept on the disk.
        """
        if self.source.kind in ("csv", "tsv", "xlsx"):
            rows = self._records()
            head = list(islice(rows, 1))
            self._begun, self._ahead = True, chain(head, rows)
            return self._names(head[0]) if head else []
        names: dict[str, None] = {}
        if self.source.kind != "txt":
            self.source.keep()
            for row in self._unbroken():
                names.update(dict.fromkeys(row.fields))
        return list(names)

    def _unbroken(self) -> Iterator[InputRow]:
        try:
            yield from self
        except InputError:
            return  # It is raised again, and in its place, when the rows are checked.

    def _texts(self) -> Iterator[InputRow]:
        for number, (line, fault) in enumerate(self.source.lines(), 1):
            yield _row(number, line.rstrip("\r\n"), {}, fault, "line")

    def _values(self, values: Iterator[records.Value], unit: str) -> Iterator[InputRow]:
        for number, value, fault in values:
            if fault or not isinstance(value, dict):
                yield _row(number, value, {}, fault, unit)
                continue
            column = self.column if self.column is not None else _default_field(value)
            if column is None or column not in value:
                fault = f"has no field {column or COLUMNS[0]!r}; it has {_listed(list(value))}"
            yield _row(number, value.get(column), value, fault, unit)

    def _records(self) -> Iterator[tables.Record]:
        if self.source.kind == "xlsx":
            self.source.keep()
            return tables.sheet(self.source.stream(), self.source.name)
        return tables.records(self.source.lines(), "\t" if self.source.kind == "tsv" else None)

    def _names(self, first: tables.Record) -> list[str]:
        if not self.header:
            return [str(number) for number in range(1, len(first.cells) + 1)]
        names: list[str] = []
        for number, cell in enumerate(first.cells, 1):
            name = base = str(cell).strip() if cell not in (None, "") else f"column {number}"
            again = 1
            while name in names:
                again += 1
                name = f"{base} ({again})"
            names.append(name)
        return names

    def _table(self, rows: Iterator[tables.Record]) -> Iterator[InputRow]:
        unit = "row" if self.source.kind == "xlsx" else "line"
        first = next(rows, None)
        if first is None:
            return
        names = self._names(first)
        column = self._column(names)
        if not self.header:
            yield _table_row(first, names, column, unit)
        for record in rows:
            yield _table_row(record, names, column, unit)

    def _column(self, names: Sequence[str]) -> str:
        column = self.column if self.column is not None else _default(names)
        if column is None or column not in names:
            raise InputError(
                f"{self.source.name}: has no column {column or COLUMNS[0]!r}; "
                f"name the one to check with --column: {_listed(names)}"
            )
        if self.header and self.column is None and len(column.split()) > 2:
            raise InputError(
                f"{self.source.name}: its first line reads like a statement, not like a column's name: {column!r}; "
                "say --no-header if it is one, or else --column with that name"
            )
        return column


def read_rows(
    name: str,
    *,
    column: str | None = None,
    kind: str | None = None,
    encoding: str | None = None,
    header: bool = True,
) -> Iterator[InputRow]:
    """Yield the rows of the file called `name`, or of standard input for ``"-"``.

    Parameters
    ----------
    column, header
        As `Reader` has them.
    kind, encoding
        As `magcheck.files.sources.Source` has them.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    with Source(name, kind, encoding) as source:
        yield from Reader(source, column, header)


def _default(names: Sequence[str]) -> str | None:
    plain = {name.strip().casefold(): name for name in reversed(names)}
    return next((plain[name] for name in COLUMNS if name in plain), names[0] if len(names) == 1 else None)


def _default_field(value: dict[str, Any]) -> str | None:
    column = _default(list(value))
    # An object's only field, of whatever name, is taken for the statement if it could be one.
    if column is None or column.strip().casefold() in COLUMNS or isinstance(value[column], str):
        return column
    return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"


def _row(number: int, statement: Any, fields: dict[str, Any], fault: str | None, unit: str) -> InputRow:
    if fault is None:
        if statement is None:
            fault = "has no statement"
        elif not isinstance(statement, str):
            fault = f"the statement is {_TYPES.get(type(statement), 'not text')}, not text"
        elif not statement or statement.isspace():
            fault = "the statement is empty"
    text = statement if isinstance(statement, str) else None
    return InputRow(number, text, fields, f"{unit} {number}: {fault}" if fault else None, unit)


def _table_row(record: tables.Record, names: Sequence[str], column: str, unit: str) -> InputRow:
    cells, fault = record.cells, record.fault
    while len(cells) > len(names) and cells[-1] in (None, ""):
        cells.pop()
    if len(cells) > len(names):
        fault = fault or f"has {len(cells)} cells for {len(names)} columns; is a delimiter not within quotes?"
        # Nothing is lost: what is over stays with the last column.
        cells[len(names) - 1 :] = [",".join(str(cell) for cell in cells[len(names) - 1 :])]
    elif not any(cell not in (None, "") for cell in cells):
        fault = fault or "the row is empty"
    fields = dict(zip(names, [*cells, *[None] * (len(names) - len(cells))], strict=True))
    return _row(record.number, fields[column], fields, fault, unit)
