"""Sources: a file or standard input, unpacked and decoded line by line."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import json
import os
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath
from types import TracebackType
from typing import IO, Any, NamedTuple, Self

from magcheck.errors import InputError
from magcheck.files import KINDS

# No line is taken in further than this, so that a file without line ends cannot fill the memory.
LONGEST_LINE = 1 << 20

_KIND_OF = {f".{kind}": kind for kind in KINDS} | {".ndjson": "jsonl", ".markdown": "md", ".tab": "tsv"}
_UTF8 = "utf-8-sig"  # With or without a byte order mark.
# In these, a byte 0x0A is the end of a line wherever it stands.
_BYTEWISE = frozenset((_UTF8, "ascii", "iso8859-1", "cp1252"))
_HEAD = 1 << 13
_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_FOREIGN = {b"%PDF": "a PDF file", b"\xd0\xcf\x11\xe0": "an old Office file", _ZIP: "a zip or Office file"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # Before UTF-16's, which it begins with.
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BROKEN = (EOFError, OSError, UnicodeError, zlib.error)


class Line(NamedTuple):
    """One line of a text with its end, and what is wrong with it, if anything is."""

    text: str
    fault: str | None


def kind_of(name: str) -> str | None:
    """Return the kind of file that `name` ends like, or None.

    >>> kind_of("claims.csv"), kind_of("claims.JSONL.gz"), kind_of("claims")
    ('csv', 'jsonl', None)
    """
    path = PurePath(name.lower())
    return _KIND_OF.get(PurePath(path.stem).suffix if path.suffix == ".gz" else path.suffix)


class _Arriving:
    """A stream that counts the line ends which have come, so that lines at hand are told from lines to wait for."""

    closed = False

    def __init__(self, stream: io.BufferedReader[Any]) -> None:
        self._stream = stream
        self.ends = 0

    def read1(self, _: int = -1) -> bytes:
        """Read what there is, and wait only where there is nothing."""
        content = self._stream.read1(_CHUNK)
        self.ends += content.count(b"\n")
        return content

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def writable(self) -> bool:
        """Tell that it cannot be written to."""
        return False

    seekable = writable

    def flush(self) -> None:
        """Do nothing."""


class Source:
    """A file, or standard input, opened for reading.

    Parameters
    ----------
    name
        A path, or ``"-"`` for standard input.
    kind
        One of `KINDS`; where it is None, what the name ends like, or else what the beginning looks like.
    encoding
        Of the text; where it is None, what the byte order mark says, or else UTF-8.

    Raises
    ------
    InputError
        If it cannot be opened, or holds something that is no text.
    """

    def __init__(self, name: str, kind: str | None = None, encoding: str | None = None) -> None:
        self.path = None if name == "-" else Path(name)
        self.name = "standard input" if self.path is None else name
        self._raw = self._open()
        self._owned = self.path is not None
        self._arriving: _Arriving | None = None
        self._taken = 0
        try:
            self._size = _size(self._raw)
            self._start()
            head = self._peek()
            self.kind = kind or kind_of(name) or _sniff(head)
            self.encoding = self._encoding(head, encoding)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._owned:
            self._raw.close()

    @property
    def live(self) -> bool:
        """Whether lines may come in one by one, as from a pipe or a keyboard."""
        return self._size is None

    def at_hand(self) -> bool:
        """Whether another of the `lines` can be had without waiting for whoever writes them."""
        return self._arriving is not None and self._arriving.ends > self._taken

    def is_file(self, path: Path) -> bool:
        """Tell whether the source is the file at `path`."""
        return self.path is not None and path.exists() and path.samefile(self.path)

    def fraction(self) -> float | None:
        """Return which part of the file has been read, from 0 to 1, or None where its end is not known."""
        return min(self._raw.tell() / self._size, 1.0) if self._size else None

    def stream(self) -> IO[bytes]:
        """Return the unpacked bytes, from where reading stands."""
        return self._bytes

    def rewind(self) -> None:
        """Go back to the beginning, as long as `keep` was called where the source is a pipe."""
        self._raw.seek(0)
        self._start()

    def keep(self) -> None:
        """Make sure that `rewind` will do: standard input is copied to a temporary file on the disk."""
        if self.path is None or self.live:
            try:
                copy = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as the source)
                shutil.copyfileobj(self._bytes, copy)
                copy.seek(0)
            except _BROKEN as error:
                raise self._broken(error) from error
            self.close()
            self._raw, self._size, self._owned = io.BufferedReader(copy), _size(copy), True
            self._start()

    def lines(self, newline: str = "") -> Iterator[Line]:
        r"""Yield the lines from where reading stands, decoded one by one, so that a bad one costs no other.

        Parameters
        ----------
        newline
            What ends a line: ``""`` for every usual end, ``"\n"`` for that alone.

        Raises
        ------
        InputError
            If the file breaks off or cannot be read on.
        """
        text = self._text(newline, counted=self.live)
        try:
            while line := text.readline(LONGEST_LINE):
                fault = None
                if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
                    fault = f"the line is longer than {LONGEST_LINE:,} characters"
                    while (rest := text.readline(LONGEST_LINE)) and rest[-1] not in "\r\n":
                        pass
                self._taken += 1
                line, bad = self.checked(line)
                yield Line(line, bad or fault)
        except _BROKEN as error:
            raise self._broken(error) from error
        finally:
            _let_go(text)

    def chunks(self) -> Iterator[str]:
        """Yield the text from where reading stands in parts of any length, not yet `checked`."""
        text = self._text(newline="")
        try:
            while chunk := text.read(_CHUNK):
                yield chunk
        except _BROKEN as error:
            raise self._broken(error) from error
        finally:
            _let_go(text)

    def checked(self, text: str) -> Line:
        """Return a piece of decoded text with what could not be decoded replaced, and told of."""
        if text.isascii():
            return Line(text, None)
        if self.encoding != _UTF8:
            return Line(text, f"some bytes are no {self.encoding} text" if "\ufffd" in text else None)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            byte = ord(text[error.start]) & 0xFF
            return Line(
                text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
                f"byte 0x{byte:02x} at character {error.start + 1} is not UTF-8 text; "
                "if the file is in another encoding, name it (--encoding latin-1)",
            )
        return Line(text, None)

    def _text(self, newline: str, counted: bool = False) -> io.TextIOWrapper:
        # Escaped, bad bytes of UTF-8 are found again by `checked`; other codecs can only replace them.
        errors = "surrogateescape" if self.encoding == _UTF8 else "replace"
        stream: Any = self._bytes
        if counted and self.encoding in _BYTEWISE:
            stream, self._taken = _Arriving(self._bytes), 0
            self._arriving = stream
        return io.TextIOWrapper(stream, self.encoding, errors, newline=newline)

    def _broken(self, error: BaseException) -> InputError:
        return InputError(f"{self.name}: cannot be read to its end ({error})")

    def _open(self) -> io.BufferedReader:
        if self.path is None:
            stdin: Any = sys.stdin.buffer
            return stdin if isinstance(stdin, io.BufferedReader) else io.BufferedReader(stdin)
        if self.path.is_dir():
            raise InputError(f"{self.name}: is a folder; name a file, or use --prose for the texts in it")
        try:
            return self.path.open("rb")
        except OSError as error:
            raise InputError(f"{self.name}: cannot be read ({error.strerror})") from error

    def _start(self) -> None:
        head = self._raw.peek(2)
        packed = head.startswith(_GZIP)
        if head and not packed and self.name.lower().endswith(".gz"):
            raise InputError(f"{self.name}: is named like gzip and is none; pack it anew, or name it as what it is")
        self._bytes = io.BufferedReader(gzip.GzipFile(fileobj=self._raw)) if packed else self._raw

    def _peek(self) -> bytes:
        try:
            return self._bytes.peek(_HEAD)
        except _BROKEN as error:
            raise self._broken(error) from error

    def _encoding(self, head: bytes, given: str | None) -> str:
        if self.kind == "xlsx":
            return "binary"
        for mark, what in _FOREIGN.items():
            if head.startswith(mark):
                raise InputError(f"{self.name}: is {what}, not text; save its statements as .txt or .csv")
        if given:
            try:
                name = codecs.lookup(given).name
                io.TextIOWrapper(io.BytesIO(b"a\n"), name, "replace").read()
            except UnicodeError:
                pass  # One that asks for a mark at the beginning, or for more than these two bytes.
            except (LookupError, ValueError) as error:
                raise InputError(f"--encoding {given}: Python knows no such encoding of text") from error
            return _UTF8 if name == "utf-8" else name
        marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
        if marked is None and head.count(0) * 4 > len(head):
            raise InputError(
                f"{self.name}: is full of NUL bytes, so it is no UTF-8 text; "
                "if it is UTF-16 without a byte order mark, say so (--encoding utf-16-le)"
            )
        return marked or _UTF8


def _let_go(text: io.TextIOWrapper) -> None:
    # What was wrapped is not to be closed with its wrapper; where it is closed already, that is well too.
    with contextlib.suppress(ValueError):
        text.detach()


def _size(file: IO[bytes]) -> int | None:
    try:
        about = os.fstat(file.fileno())
    except OSError:
        return None
    return about.st_size if stat.S_ISREG(about.st_mode) else None


def _sniff(head: bytes) -> str:
    """Tell JSON from plain lines by the beginning of a source that has no telling name."""
    if head.startswith(_ZIP) and b"[Content_Types].xml" in head:
        return "xlsx"
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    first = text.split(b"\n", 1)[0].strip()
    if text[:1] == b"{":
        return "json" if first[-1:] in b"{[,:" else "jsonl"
    if text[:1] == b"[" and text[1:].lstrip()[:1] in (b"{", b'"', b"]"):
        return "json"
    if text[:1] == b'"':
        try:
            json.loads(first)
        except ValueError:
            return "txt"
        return "jsonl"
    return "txt"
