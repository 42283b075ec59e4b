"""What is fed with broken inputs: statements, batch files, corpora, model files; and what must hold of each.

A target takes what came in and raises nothing but what is no fault: it returns, or `MagcheckError` was raised inside.
Whatever else it raises is a defect, as is an `AssertionError` of its own on what came out.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import math
import re
import signal
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import numpy as np

from magcheck import Checker, MagcheckError, Verdict
from magcheck import model as models
from magcheck.corpus import load, read_document, read_frames, read_statements
from magcheck.files import prose
from magcheck.files.batch import run_batch, write_rows
from magcheck.files.readers import Reader
from magcheck.files.sources import Source
from magcheck.files.tables import escape
from magcheck.files.writers import to_json
from magcheck.lexicon import load as load_lexicon
from magcheck.model import Model
from magcheck.verdict import BASES, LABEL_OF, LABELS
from trust.mutate import changed_bytes, changed_text, changed_value, odd_text
from trust.setting import tiny_model

KINDS = ("statement", "batch", "corpus", "model", "forged")
FORMATS = ("jsonl", "json", "csv", "tsv", "markdown", "text", "html")
_INPUTS = ("txt", "csv", "tsv", "jsonl", "json", "xlsx", "md")
SECONDS = 10.0
# The longest statement that is taken needs a third of a second on a slow machine.
STATEMENT_SECONDS = 3.0


class HangError(BaseException):
    """An input took longer than it may; not an `Exception`, so that nothing takes it for a fault of the input."""


@contextlib.contextmanager
def limited(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `HangError` where the block takes longer than so many seconds."""

    def ring(signum: int, frame: FrameType | None) -> None:
        raise HangError(f"took longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def sound(verdict: Verdict) -> None:
    """Assert that a verdict is one."""
    chances = verdict.probabilities
    assert tuple(chances) == LABELS, "probabilities of other labels"
    assert all(math.isfinite(one) and -1e-9 <= one <= 1 + 1e-9 for one in chances.values()), "a probability is none"
    assert abs(sum(chances.values()) - 1) < 1e-9, "probabilities do not sum to 1"
    assert verdict.confidence == chances[verdict.label] == max(chances.values()), "confidence is not the label's"
    assert verdict.basis in BASES, "no basis"
    assert LABEL_OF[verdict.basis] == verdict.label, "basis and label part"
    assert all(math.isfinite(one.relevance) and 0 <= one.relevance <= 1 for one in verdict.passages), "relevance"
    assert json.loads(to_json(verdict.to_dict()))["label"] == verdict.label, "JSON does not come back"


class Targets:
    """The kinds of input, each made from a random generator and fed to the product.

    Parameters
    ----------
    folder
        An empty folder to work in.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checker = Checker.load()
        self.statements = [row.statement for row in load().rows[::37]]

    @cached_property
    def small(self) -> Path:
        """A small model's file."""
        path = self.folder / "small.npz"
        if not path.exists():
            tiny_model(path)
        return path

    def feed(self, kind: str, rng: Random) -> str:
        """Make one input of a kind and feed it; return what it was, shortened."""
        made: Any = getattr(self, f"make_{kind}")(rng)
        shown = " ".join(f"{part!a:.120}" for part in made)
        try:
            with limited(STATEMENT_SECONDS if kind == "statement" else SECONDS), contextlib.suppress(MagcheckError):
                getattr(self, kind)(*made)
        except BaseException as error:
            error.add_note(shown)
            raise
        return shown

    # Statements.

    def make_statement(self, rng: Random) -> tuple[str, bool]:
        """Return a text, now and then a very long one, and whether it is to be explained."""
        kind = rng.random()
        if kind < 0.002:
            piece = rng.choice(("a", "magnesium", "не", "1", "'", "not ", "a.", "?!", "\u0301", "é", "ab'c"))
            text = (piece * 10**6)[: rng.choice((999, 9_990, 10**6))]
        elif kind < 0.4:
            text = odd_text(rng)
        else:
            text = changed_text(rng.choice(self.statements), rng)
        return text, rng.random() < 0.02

    def statement(self, text: str, explain: bool = False) -> None:
        """Check a statement."""
        verdict = self.checker.check(text, explain=explain)
        sound(verdict)
        assert verdict.statement == text, "another statement"

    # Batch files.

    def make_batch(self, rng: Random) -> tuple[str, bytes, str, str | None, bool]:
        """Return a file's name and bytes, the format of the output, the column, and whether there is a header."""
        kind = rng.choice(_INPUTS)
        texts = [changed_text(rng.choice(self.statements), rng) if rng.random() < 0.3 else rng.choice(self.statements)
                 for _ in range(rng.randint(0, 4))]  # fmt: skip
        data = _file(kind, texts, rng)
        if rng.random() < 0.1:
            data = gzip.compress(data, 1, mtime=0)
        if rng.random() < 0.8:
            data = changed_bytes(data, rng)
        name = f"in.{kind}" if rng.random() < 0.8 else f"in.{rng.choice(_INPUTS)}"
        column = rng.choice((None, None, None, "statement", "id", "1"))
        return name, data, rng.choice(FORMATS), column, rng.random() < 0.8

    def batch(self, name: str, data: bytes, form: str, column: str | None = None, header: bool = True) -> None:
        """Check a file, and read what was written."""
        path, output = self.folder / name, self.folder / f"out.{form}"
        path.write_bytes(data)
        output.unlink(missing_ok=True)
        rows = None
        try:
            if name.endswith(".md"):
                broken: list[MagcheckError] = []
                found = [
                    one.to_row(at)
                    for at, one in enumerate(prose.lint([str(path)], self.checker, on_error=broken.append))
                ]
                rows = len(found)
                write_rows(found, form, output, self.checker.model, columns=("file", "line", "column"))
            else:
                with Source(str(path)) as source:
                    tally = run_batch(Reader(source, column, header=header), form, output)
                rows = tally.labels.total()
                with Source(str(path)) as source:
                    assert rows == sum(1 for _ in Reader(source, column, header=header)), "rows were lost"
        finally:
            if output.exists():
                count = written(output, form)
                assert rows is None or count == rows, f"{count} rows came out for {rows}"

    # Corpora.

    def make_corpus(self, rng: Random) -> tuple[str, bytes]:
        """Return the name of a corpus file and its bytes, changed."""
        name = rng.choice(("statements", "statements", "document.md", "lexicon.tsv", "frames.tsv"))
        data = _corpus_part(name)
        if name == "statements":
            lines = rng.sample(data.splitlines(), rng.randint(1, 5))
            if rng.random() < 0.3:
                at = rng.randrange(len(lines))
                lines[at] = json.dumps(changed_value(json.loads(lines[at]), rng)).encode()
                return name, b"\n".join(lines)
            data = b"\n".join(lines)
        else:
            lines = data.splitlines(keepends=True)
            at = rng.randrange(len(lines))
            data = b"".join(lines[at : at + rng.randint(1, 12)])
        return name, changed_bytes(data, rng)

    def corpus(self, name: str, data: bytes) -> None:
        """Read a corpus file."""
        path = self.folder / "corpus.part"
        path.write_bytes(data)
        if name == "document.md":
            read_document(path)
        elif name == "lexicon.tsv":
            load_lexicon(path)
        elif name == "frames.tsv":
            read_frames(path)
        else:
            faults: list[str] = []
            rows = list(read_statements(path, {"0", "1.1.1"}, faults))
            assert all(row.label in LABELS and row.statement.strip() for row in rows), "a row that is none"
            assert all(isinstance(fault, str) for fault in faults), "a fault that is none"

    # Model files.

    def make_model(self, rng: Random) -> tuple[bytes]:
        """Return the bytes of a model's file, flipped and cut."""
        return (changed_bytes(_near_ends(self.small.read_bytes(), rng), rng),)

    def make_forged(self, rng: Random) -> tuple[bytes]:
        """Return the bytes of a file that is whole, checksum and all, and yet no model."""
        return (_restored(self.small, rng),)

    def model(self, data: bytes) -> None:
        """Load a model and, if that can be, check with it."""
        path = self.folder / "in.npz"
        path.write_bytes(data)
        checker = Checker(Model.load(path))
        for text in ("Magnesium prevents ALS", "is it proven that 5 cohorts didn't?"):
            sound(checker.check(text))

    forged = model


def _file(kind: str, texts: list[str], rng: Random) -> bytes:
    if kind == "xlsx":
        return _broken_workbook(rng) if rng.random() < 0.5 else _workbook()
    if kind == "jsonl":
        rows = [
            json.dumps({"id": at, "statement": text} if rng.random() < 0.7 else text) for at, text in enumerate(texts)
        ]
        return "\n".join(rows).encode()
    if kind == "json":
        return json.dumps(
            [{"id": at, "statement": text} for at, text in enumerate(texts)], indent=rng.choice((None, 1))
        ).encode()
    if kind in ("csv", "tsv"):
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter="," if kind == "csv" else "\t", lineterminator=rng.choice(("\n", "\r\n")))
        writer.writerows([("id", "statement"), *((at, text.replace("\x00", "")) for at, text in enumerate(texts))])
        return stream.getvalue().encode("utf-8", "surrogatepass")
    if kind == "md":
        marks = ("# ", "- ", "> ", "", "    ", "1. ", "| ", "```\n", "<!-- ", "[x]: ", "ALS and magnesium: ")
        return "\n\n".join(rng.choice(marks) + text for text in texts).encode("utf-8", "surrogatepass")
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    return "\n".join(texts).encode(encoding, "replace")


@cache
def _workbook() -> bytes:
    from openpyxl import Workbook

    book, stream = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for row in (("id", "statement"), (1, "Magnesium prevents ALS"), (2, None), (3.5, "Turmeric slows ALS")):
        sheet.append(row)
    book.save(stream)
    # The time of day is taken out, so that an input is the same whenever it is made.
    return _repacked(
        stream.getvalue(), lambda name, part: re.sub(rb"\d+-\d+-\d+T[\d:]+Z", b"2000-01-01T00:00:00Z", part)
    )


def _repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """Return a workbook with its parts changed, which is a whole zip file all the same."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name), change(name, before.read(name)), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _broken_workbook(rng: Random) -> bytes:
    """Return a workbook that is a whole zip file with a part that is broken."""
    with zipfile.ZipFile(io.BytesIO(_workbook())) as file:
        broken = rng.choice(file.namelist())
    return _repacked(_workbook(), lambda name, part: changed_bytes(part, rng) if name == broken else part)


@cache
def _corpus_part(name: str) -> bytes:
    from magcheck.paths import corpus_dir

    if name == "statements":
        rows = load().rows[::97]
        return b"\n".join(
            json.dumps(
                {"id": row.id, "statement": row.statement, "basis": row.basis, "evidence": row.evidence}
            ).encode()
            for row in rows
        )
    return (corpus_dir() / name).read_bytes()


def _near_ends(data: bytes, rng: Random) -> bytes:
    """Return `data` with a bit flipped in a part's header or the directory, where damage is not just another number."""
    starts = [found.start() for found in re.finditer(rb"PK[\x01\x03\x05]|\x93NUMPY", data)]
    at = rng.choice(starts) + rng.randrange(120)
    if at >= len(data) or rng.random() < 0.4:
        return data
    return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]


def _restored(path: Path, rng: Random) -> bytes:
    """Return a model with something wrong in it and yet a right checksum."""
    with np.load(path, allow_pickle=False) as file:
        stored = {name: file[name] for name in file.files if name != "checksum"}
    name = rng.choice(sorted(stored))
    if name == "meta" or rng.random() < 0.3:
        meta = changed_value(json.loads(zlib.decompress(stored["meta"].tobytes())), rng)
        stored["meta"] = np.frombuffer(zlib.compress(json.dumps(meta).encode()), dtype=np.uint8)
    else:
        array = stored[name]
        kind = rng.randrange(6)
        if kind == 0:
            del stored[name]
        elif kind == 1:
            stored[name] = array[: rng.randint(0, len(array))] if array.ndim else array
        elif kind == 2:
            stored[name] = array.astype(rng.choice((np.float32, np.int64, np.uint8, np.float64)))
        elif kind == 3:
            stored[name] = array.reshape(-1) if array.ndim > 1 else array[:, None]
        elif kind == 4:
            floating = array.dtype.kind == "f"
            largest = np.finfo(array.dtype).max if floating else np.iinfo(array.dtype).max
            worst = (np.nan, np.inf, -np.inf, largest) if floating else (0, largest)
            stored[name] = np.full_like(array, rng.choice(worst))
        else:
            stored[name] = np.concatenate((array, array[:1]))
    stored["checksum"] = np.array([models._checksum(stored)], dtype=np.uint32)
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **stored)
    return stream.getvalue()


class _Page(HTMLParser):
    """Collects the tags of a page, and what stands in each script that has an id."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.scripts: dict[str, str] = {}
        self._into: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self._into = dict(attrs).get("id") if tag == "script" else None

    def handle_endtag(self, tag: str) -> None:
        self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self.scripts[self._into] = self.scripts.get(self._into, "") + data


def page(text: str) -> _Page:
    """Return a page of HTML as a browser takes it apart."""
    parsed = _Page()
    parsed.feed(text)
    parsed.close()
    return parsed


def written(path: Path, form: str) -> int:
    """Return how many rows stand in an output, having read it as others would."""
    text = path.read_bytes().decode()
    if form == "jsonl":
        return len([json.loads(line) for line in text.split("\n")[:-1]])
    if form == "json":
        rows = json.loads(text)
        assert isinstance(rows, list), "no array"
        return len(rows)
    if form in ("csv", "tsv"):
        cells = list(csv.reader(io.StringIO(text, newline=""), delimiter="," if form == "csv" else "\t", strict=True))
        assert len({len(row) for row in cells}) <= 1, "rows of several widths"
        # A cell that would still be escaped is one that a spreadsheet runs.
        assert all(cell.startswith("'") or escape(cell) == cell for row in cells for cell in row), "a formula"
        return len(cells) - 1
    if form == "markdown":
        lines = text.split("\n")[:-1]
        assert len({len(re.findall(r"(?<!\\)\|", line.replace("\\\\", ""))) for line in lines}) <= 1, (
            "rows of several widths"
        )
        return len(lines) - 2
    if form == "html":
        return len(json.loads(page(text).scripts["rows"]))
    assert all(one == "\n" or one.isprintable() for one in text), "a control character"
    return text.count("\n")


def temporary() -> tempfile.TemporaryDirectory[str]:
    """Return a temporary folder for `Targets`."""
    return tempfile.TemporaryDirectory(prefix="trust-")
