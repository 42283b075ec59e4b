"""Keeping rows whole: a process of its own writes them, and outlives a run that is killed by as long as that takes.

A kill can fall into the midst of a call to the system, and leave of a row what fitted onto the first of two pages.
So a run hands its rows over, and a kill of the run leaves a message to this process unfinished, never a row. As a
script it imports nothing but Python's own, and is there before the first row is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from itertools import accumulate, pairwise

# Bytes of a number in a message.
_NUMBER = 8


class Rows:
    """Appends rows to a file, with what closes it after the last, so that it is whole after each.

    Parameters
    ----------
    file
        The descriptor of a file open for writing.
    end
        The byte after the last row.
    count
        How many rows there are.
    between, closing
        What stands between rows, and after the last.
    """

    def __init__(self, file: int, end: int, count: int, between: bytes, closing: bytes) -> None:
        self._file = file
        self._end = end
        self.count = count
        self._between = between
        self._closing = closing

    def keep(self, rows: Sequence[bytes]) -> None:
        """Append rows.

        Raises
        ------
        OSError
            If there is no room for one, or the file cannot be written any more; the rows before it stay.
        """
        try:
            self.append((self._between if self.count else b"") + self._between.join(rows))
            self.count += len(rows)
        except OSError:
            if len(rows) == 1:
                raise
            for row in rows:  # As many as there is room for.
                self.keep([row])

    def append(self, text: bytes) -> None:
        """Append what stands before rows, or some of these, in one go or not at all."""
        try:
            self._put(text + self._closing)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._end)
                self._put(self._closing)
            raise
        self._end += len(text)

    def _put(self, text: bytes) -> None:
        os.lseek(self._file, self._end, os.SEEK_SET)
        rest = memoryview(text)
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def end(self) -> None:
        """Do nothing: every row is in the file."""


class Keeper:
    """A process that appends rows; to be used as `Rows` is, with the same parameters.

    An error comes to light with the rows after, or at the end. Of a process that was killed, `count` is None.
    """

    def __init__(self, file: int, end: int, count: int, between: bytes, closing: bytes) -> None:
        self.count: int | None = count
        self._process = subprocess.Popen(  # noqa: S603 - this very file, by this very Python
            [sys.executable, "-I", "-S", __file__, *map(str, (file, end, count)), between.hex(), closing.hex()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[file],
            # Ctrl-C at a terminal, and a kill of all that it has started, are for the run, which then ends this.
            start_new_session=True,
        )

    def keep(self, rows: Sequence[bytes]) -> None:
        """Hand over rows.

        Raises
        ------
        OSError
            If rows before these could not be written.
        """
        assert self._process.stdin
        numbers = struct.pack(f"<{len(rows) + 1}Q", len(rows), *map(len, rows))
        try:
            self._process.stdin.write(numbers + b"".join(rows))
            self._process.stdin.flush()
        except BrokenPipeError:
            self.end()
            raise

    def end(self) -> None:
        """Wait until all rows are written.

        Raises
        ------
        OSError
            If one could not be.
        """
        told, _ = self._process.communicate()
        if not told:
            self.count = None
            raise OSError(errno.ECHILD, "the process that writes was ended from outside")
        self.count, number = map(int, told.split())
        if number:
            raise OSError(number, os.strerror(number))


def main(file: str, end: str, count: str, between: str, closing: str) -> None:
    """Append the rows that come on standard input, and tell on standard output how many there are, and the error."""
    rows = Rows(int(file), int(end), int(count), bytes.fromhex(between), bytes.fromhex(closing))
    error = 0
    try:
        while message := _message():
            rows.keep(message)
    except OSError as failed:
        error = failed.errno or 0
    with contextlib.suppress(BrokenPipeError):  # Nobody is left to be told of a run that was killed.
        os.write(sys.stdout.fileno(), f"{rows.count} {error}".encode())


def _message() -> list[bytes]:
    """Read rows that came together, none where the run has ended before the last of them."""
    head = _numbers(1)
    lengths = _numbers(*head) if head else ()
    if not head or len(lengths) < head[0]:
        return []
    ends = [*accumulate(lengths, initial=0)]
    text = sys.stdin.buffer.read(ends[-1])
    return [text[start:end] for start, end in pairwise(ends)] if len(text) == ends[-1] else []


def _numbers(count: int) -> tuple[int, ...]:
    """Read so many numbers, or as many as there are."""
    read = sys.stdin.buffer.read(count * _NUMBER)
    whole = len(read) // _NUMBER
    return struct.unpack_from(f"<{whole}Q", read)


if __name__ == "__main__":
    main(*sys.argv[1:])
