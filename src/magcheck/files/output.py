"""Outputs: where rows are written to, such that what stands there is whole at any moment."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from magcheck.errors import InputError, MagcheckError
from magcheck.files.keeper import Keeper, Rows
from magcheck.files.writers import Writer
from magcheck.terminal import tamed

NOT_OURS = "{}: was not written from this input, in this format, by this model; without --resume it is written anew"
# How many of the rows that an earlier run wrote are made anew and compared, at most.
COMPARED = 64
# Seconds to wait for another run that writes to the file: one that was killed is done in far less.
PATIENCE = 5.0


class Output(Protocol):
    """Takes rows."""

    def write(self, rows: Sequence[str]) -> None:
        """Write rows."""

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
    tame
        Whether what could steer a terminal is made visible.
    """

    def __init__(self, stream: IO[bytes], writer: Writer, encoding: str = "utf-8", *, tame: bool = False) -> None:
        self._stream = stream
        self._encoding = encoding
        self._tame = tame
        self._writer = writer
        self._between = ""
        self._put(writer.opening)

    def _put(self, text: str) -> None:
        text = tamed(text) if self._tame else text
        rest = memoryview(text.encode(self._encoding, "backslashreplace"))
        while rest:  # An unbuffered stream takes as much as there is room for.
            rest = rest[self._stream.write(rest) or 0 :]
        self._stream.flush()

    def write(self, rows: Sequence[str]) -> None:
        """Write rows, and send them on."""
        if rows:
            self._put(self._between + self._writer.between.join(rows))
            self._between = self._writer.between

    def close(self) -> None:
        """Write what stands after the last row."""
        self._put(self._writer.closing)


class FileOutput:
    """Writes rows to a file that is whole after every row, however the run ends.

    A process of its own writes them, as `magcheck.files.keeper` tells. What a full disk cuts off is taken back at
    once. Should that process be killed as well, as when the machine is shut down, going on after the `Written` rows
    takes back what that may have left of a row.

    Parameters
    ----------
    path, writer
        The file, and the format.
    written
        What `read_written` found in the file, which the rows go on from; where it is None, they begin anew.

    Raises
    ------
    InputError
        If the file cannot be opened for writing, or another run writes to it.
    MagcheckError
        If there is no room for what stands before the rows.
    """

    def __init__(self, path: Path, writer: Writer, written: Written | None = None) -> None:
        self.path = path
        start = written.end if written and written.count else 0
        count = written.count if written else 0
        self._file = _locked(path, os.O_RDWR | os.O_CREAT)
        closing = writer.closing.encode()
        begun = Rows(self._file, start, count, b"", closing)
        self._rows: Rows | Keeper = begun
        try:
            os.ftruncate(self._file, start)
            begun.append(b"" if start else writer.opening.encode())
        except OSError as error:
            os.close(self._file)
            raise self._failed(error) from error
        # Without a Python to start, rows are written here.
        kind = Keeper if os.name == "posix" and sys.executable else Rows
        self._rows = kind(self._file, start or len(writer.opening.encode()), count, writer.between.encode(), closing)

    def write(self, rows: Sequence[str]) -> None:
        """Write rows.

        Raises
        ------
        MagcheckError
            If there was no room, or the file cannot be written any more; the rows before stay.
        """
        try:
            if rows:
                self._rows.keep([row.encode("utf-8", "backslashreplace") for row in rows])
        except OSError as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """See to it that all rows are written, and close the file.

        Raises
        ------
        MagcheckError
            As `write` does.
        """
        try:
            self._rows.end()
        except OSError as error:
            raise self._failed(error) from error
        finally:
            os.close(self._file)

    def _failed(self, error: OSError) -> MagcheckError:
        rows = "rows before" if self._rows.count is None else f"{self._rows.count:,} rows"
        return MagcheckError(
            f"{self.path}: cannot be written any further ({error.strerror}); its {rows} are whole: mend that, and go "
            "on with --resume"
        )


def unwritable(path: Path, error: OSError) -> InputError:
    """Return what is to be told of a file that cannot be opened for writing."""
    if path.is_dir():
        return InputError(f"{path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        return InputError(f"{path}: there is no folder {path.parent}; make it first, or name another file")
    return InputError(f"{path}: cannot be written ({error.strerror}); name another file, or mend that")


def _locked(path: Path, flags: int) -> int:
    """Open a file that no other run writes to; a lock lasts as long as one of the processes that share it."""
    try:
        file = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        from fcntl import LOCK_EX, LOCK_NB, flock
    except ImportError:  # Not on Windows.
        return file
    until = time.monotonic() + PATIENCE
    while True:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                os.close(file)
                raise InputError(f"{path}: another run writes to it; wait for its end, or name another file") from error
            time.sleep(0.02)
        except OSError:  # A file system without locks.
            return file
        else:
            return file


@dataclass(frozen=True, slots=True)
class Written:
    """The whole rows that an earlier run left in a file.

    Attributes
    ----------
    count, labels
        How many rows, and how many of each label; that of an error is None.
    some
        The texts of `COMPARED` of them or less, evenly spread and the last among them, by their numbers from 1.
    end
        The byte after it.
    """

    count: int
    labels: Counter[str | None]
    some: dict[int, str]
    end: int


def read_written(path: Path, writer: Writer) -> Written:
    """Find the whole rows in a file that `FileOutput` has written to.

    Raises
    ------
    InputError
        If the file was not written in this format, with these columns.
    """
    labels: Counter[str | None] = Counter()
    some: dict[int, str] = {}
    text, number, end, every = "", 0, 0, 1
    if path.exists():
        os.close(_locked(path, os.O_RDWR))  # A run that was killed just now may have rows on their way.
    try:
        with path.open("rb") as file:
            for number, (text, stop) in enumerate(_whole_rows(file, writer), 1):
                end = stop
                labels[writer.label(text)] += 1
                if number % every == 0:
                    some[number] = text
                    if len(some) == COMPARED:
                        every *= 2
                        some = {at: one for at, one in some.items() if at % every == 0}
    except FileNotFoundError:
        pass
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(NOT_OURS.format(path)) from error
    return Written(number, labels, some | {number: text} if number else {}, end)


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
