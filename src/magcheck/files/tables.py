"""Tables: rows of cells from CSV and its kin, and from spreadsheets; one bad row never spoils the next."""

from __future__ import annotations

import csv
import datetime
import re
from collections import deque
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from magcheck.errors import InputError
from magcheck.files.sources import LONGEST_LINE, Line

# A quote that is still open after so many lines or characters is taken for one that was never meant to open.
_MOST_LINES = 400
_LONGEST_RECORD = 4 * LONGEST_LINE
# Of two that part a line into as many cells the first is taken: a comma may be one of the words'.
_DELIMITERS = (";", "\t", "|", ",")
# Parts nothing: for a file of one column, whose commas are the statements' own.
_NO_DELIMITER = "\x1f"

# What spreadsheets take for a formula (OWASP, CSV injection), full-width forms included. A quote before it makes
# it text; where a quote stands there already, one more keeps the way back unambiguous.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")

csv.field_size_limit(2 * _LONGEST_RECORD)


class Record(NamedTuple):
    """One row of cells, where it begins, and what is wrong with it, if anything is."""

    number: int
    cells: list[Any]
    fault: str | None


def escape(cell: str) -> str:
    """Return `cell` such that no spreadsheet runs it; `unescape` gives it back.

    >>> escape("=1+1"), escape("-5"), escape("Magnesium"), unescape(escape("'=x"))
    ("'=1+1", '-5', 'Magnesium', "'=x")
    """
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def unescape(cell: str) -> str:
    """Return the cell that `escape` was given."""
    return cell[1:] if cell.startswith("'") and _ESCAPED.match(cell) else cell


def delimiter_of(header: str) -> str:
    r"""Return what parts the cells of a table, by its first line.

    >>> delimiter_of("id;claim, as heard"), delimiter_of("id,claim"), delimiter_of("claim") == "\x1f"
    (';', ',', True)
    """
    widths = {one: len(next(csv.reader([header], delimiter=one), [])) for one in _DELIMITERS}
    best = max(_DELIMITERS, key=widths.__getitem__)
    return best if widths[best] > 1 else _NO_DELIMITER


def records(lines: Iterator[Line], delimiter: str | None = None) -> Iterator[Record]:
    """Yield the rows of a CSV text, its header first.

    A quote that opens and does not close costs its own line only: the lines after it are read anew.
    """
    feed = _Feed(lines)
    first = feed.peek()
    if first is None:
        return
    delimiter = delimiter or delimiter_of(first.text)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    width = 0
    while True:
        try:
            cells = next(reader)
            stray = feed.count > 1 and width not in (0, len(cells))
        except StopIteration:
            return
        except csv.Error:
            stray = True
        fault = None
        if stray:
            cells, fault = _lenient(feed.only_first(), delimiter)
        width = width or len(cells)
        yield Record(feed.number, [unescape(cell) for cell in cells], feed.fault() or fault)
        feed.next_record()


def _lenient(line: str, delimiter: str) -> tuple[list[str], str | None]:
    closed = True

    def once() -> Iterator[str]:
        nonlocal closed
        yield line
        closed = False  # The reader asks for more.

    cells = next(csv.reader(once(), delimiter=delimiter), [])
    if closed:
        return cells, None
    return line.rstrip("\r\n").split(delimiter), "a cell's opening quote is not closed"


class _Feed:
    """Hands lines to a `csv.reader` and remembers those of the row in hand, to take them back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._waiting: deque[Line] = deque()
        self._taken: list[Line] = []
        self._length = 0
        self.number = 1

    @property
    def count(self) -> int:
        """Lines of the row in hand."""
        return len(self._taken)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._taken) == _MOST_LINES or self._length > _LONGEST_RECORD:
            raise StopIteration
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self._taken.append(line)
        self._length += len(line.text)
        return line.text

    def peek(self) -> Line | None:
        """Return the line that comes next, if there is one."""
        if not self._waiting and (line := next(self._lines, None)) is not None:
            self._waiting.append(line)
        return self._waiting[0] if self._waiting else None

    def fault(self) -> str | None:
        """Return what is wrong with the lines of the row in hand."""
        return next((line.fault for line in self._taken if line.fault), None)

    def only_first(self) -> str:
        """Take back all lines of the row in hand but the first, and return that."""
        first, *rest = self._taken
        self._waiting.extendleft(reversed(rest))
        self._taken = [first]
        return first.text

    def next_record(self) -> None:
        """Go on to the next row."""
        self.number += len(self._taken)
        self._taken.clear()
        self._length = 0


def sheet(file: IO[bytes], name: str) -> Iterator[Record]:
    """Yield the rows of the first sheet of a workbook.

    Raises
    ------
    InputError
        If openpyxl is not installed, or the file is no workbook.
    """
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise InputError(
            f"{name}: spreadsheets need openpyxl, which is not installed: pip install 'magcheck[xlsx]'; "
            "or save the sheet as CSV"
        ) from error
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # On styles and extensions, which are no matter here.
            book = load_workbook(file, read_only=True, data_only=True)
            for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
                yield Record(number, [_plain(cell) for cell in cells], None)
    except Exception as error:  # openpyxl lets through whatever its parsers raise on a broken file
        raise InputError(f"{name}: is no workbook that can be read ({error})") from error


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return cell if cell is None or isinstance(cell, str | bool | int | float) else str(cell)
