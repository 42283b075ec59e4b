"""Batches: a whole file checked, from a reader to a file or a stream, and gone on with where it was broken off."""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from magcheck import about
from magcheck.checker import Checker
from magcheck.errors import InputError, MagcheckError
from magcheck.files.output import NOT_OURS, FileOutput, Output, StreamOutput, Written, read_written, unwritable
from magcheck.files.progress import Progress, Tally
from magcheck.files.readers import Reader
from magcheck.files.rows import InputRow, OutputRow
from magcheck.files.work import CHUNK, WORTH, Done, Work, spread
from magcheck.files.writers import TextWriter, Writer, open_writer
from magcheck.model import Model
from magcheck.terminal import Style, lint_line

if TYPE_CHECKING:
    from magcheck.files.prose import Finding

_TABLES = frozenset({"csv", "tsv", "markdown"})


def run_batch(
    reader: Reader,
    name: str,
    output: Path | None = None,
    *,
    model: Path | None = None,
    jobs: int = 1,
    resume: bool = False,
    explain: bool = False,
    progress: Progress | None = None,
    chunk: int = CHUNK,
    worth: int = WORTH,
) -> Tally:
    """Check every row of a file; the same bytes come out whatever `jobs`, `chunk` and `worth` are.

    Parameters
    ----------
    reader
        The rows.
    name
        The format, one of `magcheck.files.writers.FORMATS`.
    output
        The file to write to; standard output, where it is None.
    model
        The model's file; the one that comes with the package, where it is None.
    jobs, chunk, worth
        As `magcheck.files.work.spread` has them.
    resume
        Go on after the rows that an earlier run left in `output`.
    explain
        Whether verdicts carry their explanation.
    progress
        Is told of every row.

    Returns
    -------
    Tally
        What came of it, rows of earlier runs included.

    Raises
    ------
    InputError
        If the input cannot be read or the output not be written.
    ModelError
        If there is no such model.
    """
    tally, progress = Tally(), progress or Progress(None)
    if output is not None and reader.source.is_file(output):
        raise InputError(f"{output}: is the input too; name another file for the output")
    if name == "html":
        if resume:
            raise InputError("--resume: a report is written as a whole; write .jsonl, and make the report of that")
        work = Work.with_model(model, None, explain)
        chunks = _watched(spread(reader, work, jobs=jobs, chunk=chunk, worth=worth), tally, progress)
        with whole_file(output) as stream:
            _report((row for done in chunks for row in done.rows), stream, work.checker().model)
        return tally
    columns = reader.columns() if name in _TABLES else ()
    style = Style.of(sys.stdout) if output is None else Style()
    writer = open_writer(name, columns, reader.column, explained=explain, style=style)
    work = Work.with_model(model, writer, explain)
    given = iter(reader)
    written = _resumed(output, given, writer, work, tally) if resume else None
    # A file that cannot be read is known by its first row, before an output is begun.
    given = chain(list(islice(given, 1)), given)
    at_hand = reader.source.at_hand if reader.source.live else None
    chunks = spread(given, work, jobs=jobs, chunk=chunk, worth=worth, at_hand=at_hand)
    with _opened(output, writer, written) as sink:
        for done in _watched(chunks, tally, progress):
            sink.write(done.texts)
    return tally


def _watched(chunks: Iterable[Done], tally: Tally, progress: Progress) -> Iterator[Done]:
    """Pass on what is done, each counted once it is dealt with."""
    for done in chunks:
        yield done
        tally.take(done.tally)
        progress.step(done.tally.labels.total())


def _resumed(output: Path | None, rows: Iterator[InputRow], writer: Writer, work: Work, tally: Tally) -> Written:
    """Pass over the rows that an earlier run has written, once it is sure that it was these."""
    if output is None:
        raise InputError("--resume: needs the file that an earlier run wrote (-o OUTPUT)")
    written = read_written(output, writer)
    if written.count:
        passed = enumerate(islice(rows, written.count), 1)
        again = [row for number, row in passed if number in written.some]
        if work(again)[0].texts != [*written.some.values()]:
            raise InputError(NOT_OURS.format(output))
        tally.labels.update(written.labels)
        tally.earlier = written.count
    return written


def run_prose(
    paths: Sequence[str],
    name: str,
    output: Path | None = None,
    *,
    model: Path | None = None,
    encoding: str | None = None,
    on_error: Callable[[InputError], None] | None = None,
) -> Tally:
    """Find the claims in running text, of files and folders, and write each with its verdict.

    Parameters
    ----------
    paths, encoding, on_error
        As `magcheck.files.prose.lint` has them.
    name, output, model
        As `run_batch` has them; as ``"text"``, a finding is told as a linter tells it.
    """
    from magcheck.files.prose import lint, reads

    if output is not None and reads(paths, output):
        raise InputError(f"{output}: is an input too; name another file for the output")
    checker, tally = Checker.load(model), Tally()
    findings = _counted(lint(paths, checker, encoding=encoding, on_error=on_error), tally)
    if name == "text":
        style = Style.of(sys.stdout) if output is None else Style()
        with whole_file(output) as stream:
            for place, row in findings:
                if row.verdict is not None:
                    stream.write(lint_line(place, row.verdict, style))
                    stream.flush()
    else:
        rows = (row for _, row in findings)
        write_rows(rows, name, output, checker.model, columns=("file", "line", "column"))
    return tally


def _counted(findings: Iterable[Finding], tally: Tally) -> Iterator[tuple[str, OutputRow]]:
    for number, finding in enumerate(findings, 1):
        place, row = f"{finding.file}:{finding.line}:{finding.column}", finding.to_row(number)
        tally.add(place, row)
        yield place, row


def write_rows(
    rows: Iterable[OutputRow],
    name: str,
    output: Path | None,
    model: Model,
    columns: Sequence[str] = (),
    explained: bool = False,
) -> None:
    """Write rows that are checked already.

    Parameters
    ----------
    rows
        The rows, written as they come.
    name, output
        As `run_batch` has them.
    model
        The model that checked them.
    columns
        Their fields, for a table.
    explained
        Whether their verdicts carry explanations.
    """
    if name == "html":
        with whole_file(output) as stream:
            _report(rows, stream, model)
        return
    style = Style.of(sys.stdout) if output is None else Style()
    writer = open_writer(name, columns, explained=explained, style=style)
    with _opened(output, writer, None) as sink:
        for row in rows:
            sink.write([writer.row(row)])


def _report(rows: Iterable[OutputRow], stream: TextIO, model: Model) -> None:
    from magcheck.files.report import write_report

    meta = model.meta
    write_report(rows, stream, document=meta["passages"], title=meta["title"], model_info=about.one_line(meta))


@contextmanager
def whole_file(path: Path | None) -> Iterator[TextIO]:
    """Give a stream to write a file to that appears whole or not at all; standard output, where `path` is None.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    if path is None:
        stream = io.TextIOWrapper(sys.stdout.buffer, "utf-8", "backslashreplace", newline="")
        try:
            yield stream
            stream.flush()
        finally:
            stream.detach()
        return
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            yield stream
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise


@contextmanager
def _opened(output: Path | None, writer: Writer, written: Written | None) -> Iterator[Output]:
    with ExitStack() as stack:
        if output is None:
            # People's text is in the terminal's encoding, and tame as it is; data is in UTF-8, and as it came.
            text = isinstance(writer, TextWriter)
            encoding, tame = (sys.stdout.encoding, False) if text else ("utf-8", sys.stdout.isatty())
            sink: Output = StreamOutput(sys.stdout.buffer, writer, encoding, tame=tame)
        elif output.exists() and not output.is_file() and not output.is_dir():
            sink = StreamOutput(stack.enter_context(output.open("wb")), writer)  # A device, or a named pipe.
        else:
            sink = FileOutput(output, writer, written)
        try:
            yield sink
        except BaseException:
            # What went wrong first is what is told.
            with suppress(OSError, MagcheckError):
                sink.close()
            raise
        sink.close()
