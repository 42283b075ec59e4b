"""Outputs: where rows are written to, such that what stands there is whole at any moment."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from magcheck.errors import InputError, MagcheckError
from magcheck.files.writers import Writer

NOT_OURS = "{}: was not written from this input, in this format, by this model; without --resume it is written anew"


class Output(Protocol):
    """Takes rows."""

    def write(self, row: str) -> None:
        """Write a row."""

    def flush(self) -> None:
        """See to it that rows written so far can be read."""

    def close(self) -> None:
        """Write what stands after the last row."""


class StreamOutput:
    """Writes rows to a stream such as standard output.

    Parameters
    ----------
    stream, encoding
        A stream of bytes, and the encoding of the text on it.
    writer
        The format.
    """

    def __init__(self, stream: IO[bytes], writer: Writer, encoding: str = "utf-8") -> None:
        self._stream = stream
        self._encoding = encoding
        self._writer = writer
        self._between = ""
        self._put(writer.opening)

    def _put(self, text: str) -> None:
        self._stream.write(text.encode(self._encoding, "backslashreplace"))

    def write(self, row: str) -> None:
        """Write a row."""
        self._put(self._between + row)
        self._between = self._writer.between

    def flush(self) -> None:
        """Send the rows on."""
        self._stream.flush()

    def close(self) -> None:
        """Write what stands after the last row."""
        self._put(self._writer.closing)
        self._stream.flush()


class FileOutput:
    """Writes rows to a file: each in one call to the system, together with what closes the file.

    So the file is whole after every row, however the run ends. What a full disk cuts off is taken back at once; what
    a kill cuts off within a call is taken back by going on after the `Written` rows.

    Parameters
    ----------
    path, writer
        The file, and the format.
    written
        What `read_written` found in the file, which the rows go on from; where it is None, they begin anew.

    Raises
    ------
    InputError
        If the file cannot be opened for writing.
    """

    def __init__(self, path: Path, writer: Writer, written: Written | None = None) -> None:
        self.path = path
        self.count = written.count if written else 0
        self._between = writer.between.encode()
        self._closing = writer.closing.encode()
        self._at = 0
        try:
            self._file = path.open("r+b" if self.count else "wb", buffering=0)
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from error
        if written and self.count:
            self._end = written.end
            self._file.truncate(self._end)
            self._append(b"")
        else:
            self._end = 0
            self._append(writer.opening.encode())

    def write(self, row: str) -> None:
        """Write a row.

        Raises
        ------
        MagcheckError
            If there is no room for it, or the file cannot be written any more; the rows before it stay.
        """
        self._append((self._between if self.count else b"") + row.encode("utf-8", "backslashreplace"))
        self.count += 1

    def _append(self, row: bytes) -> None:
        try:
            self._put(row + self._closing)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(self._end)
                self._put(self._closing)
            raise MagcheckError(
                f"{self.path}: cannot be written any further ({error.strerror}); its {self.count:,} rows are whole: "
                "mend that, and go on with --resume"
            ) from error
        self._end += len(row)

    def _put(self, text: bytes) -> None:
        # Most formats have nothing after their last row, and the file stands where the next one goes.
        if self._at != self._end:
            self._at = self._file.seek(self._end)
        rest = memoryview(text)
        while rest:
            count = self._file.write(rest)
            self._at += count
            rest = rest[count:]

    def flush(self) -> None:
        """Do nothing: every row is in the file already."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass(frozen=True, slots=True)
class Written:
    """The whole rows that an earlier run left in a file.

    Attributes
    ----------
    count, labels
        How many rows, and how many of each label; that of an error is None.
    last
        The text of the last one.
    end
        The byte after it.
    """

    count: int
    labels: Counter[str | None]
    last: str
    end: int


def read_written(path: Path, writer: Writer) -> Written:
    """Find the whole rows in a file that `FileOutput` has written to.

    Raises
    ------
    InputError
        If the file was not written in this format, with these columns.
    """
    labels: Counter[str | None] = Counter()
    last, end = "", 0
    try:
        with path.open("rb") as file:
            for row in _whole_rows(file, writer):
                last, end = row
                labels[writer.label(last)] += 1
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(NOT_OURS.format(path)) from error
    return Written(labels.total(), labels, last, end)


def _whole_rows(file: IO[bytes], writer: Writer) -> Iterator[tuple[str, int]]:
    opening, closing = writer.opening.encode(), writer.closing.encode().lstrip()
    head = file.read(len(opening))
    if not opening.startswith(head):
        raise ValueError("another opening")
    start, row, quotes = len(head), b"", 0
    for line in file:
        row += line
        quotes += line.count(b'"')
        if not line.endswith(b"\n") or row == closing:
            return
        if writer.quoted and quotes % 2:
            continue
        text = row
        if writer.between:
            text = row.removesuffix(b"\n").removesuffix(writer.between.strip().encode())
        if not text:
            return
        yield text.decode(), start + len(text)
        start, row, quotes = start + len(row), b"", 0
