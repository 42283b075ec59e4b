"""Batches: a whole file checked, from a reader to a file or a stream, and gone on with where it was broken off."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from magcheck.errors import InputError, MagcheckError
from magcheck.files.output import NOT_OURS, FileOutput, Output, StreamOutput, Written, read_written
from magcheck.files.progress import Progress, Tally
from magcheck.files.readers import Reader
from magcheck.files.rows import InputRow, OutputRow
from magcheck.files.work import CHUNK, WORTH, Work, spread
from magcheck.files.writers import Writer, open_writer
from magcheck.terminal import Style

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
    tally = Tally()
    progress = progress or Progress(None)
    rows = iter(reader)
    if name == "html":
        if resume:
            raise InputError("--resume: an HTML report is written as a whole; write .jsonl, and report on that")
        work = Work.with_model(model, None, explain)
        with _whole(output) as stream:
            _report(tally.watch(spread(rows, work, jobs=jobs, chunk=chunk, worth=worth), progress), stream, work)
        return tally
    columns = reader.columns() if name in _TABLES else ()
    style = Style.of(sys.stdout) if output is None else Style()
    writer = open_writer(name, columns, reader.column, style)
    work = Work.with_model(model, writer, explain)
    rows = iter(reader)
    with _opened(output, writer, _resumed(output, rows, work, tally) if resume else None, style) as sink:
        live = reader.source.live
        answers = spread(rows, work, jobs=jobs, chunk=1 if live else chunk, worth=worth)
        for number, answer in enumerate(tally.watch(answers, progress), 1):
            sink.write(answer.text)
            if live or number % CHUNK == 0:
                sink.flush()
    return tally


def _resumed(output: Path | None, rows: Iterator[InputRow], work: Work, tally: Tally) -> Written:
    """Pass over the rows that an earlier run has written, once it is sure that it was these."""
    if output is None or work.writer is None:
        raise InputError("--resume: needs the file that an earlier run wrote to (-o OUTPUT)")
    written = read_written(output, work.writer)
    if written.count:
        last = list(islice(rows, written.count - 1, written.count))
        if not last or work(last)[0].text != written.last:
            raise InputError(NOT_OURS.format(output))
        tally.labels.update(written.labels)
        tally.earlier = written.count
    return written


@contextmanager
def _opened(output: Path | None, writer: Writer, written: Written | None, style: Style) -> Iterator[Output]:
    sink: Output
    if output is None:
        # People's text takes the terminal's encoding, data always UTF-8.
        encoding = "utf-8" if style.signs else "ascii"
        sink = StreamOutput(sys.stdout.buffer, writer, encoding)
        yield sink
        sink.close()
    elif output.exists() and not output.is_file():
        with output.open("wb") as stream:  # A device or a named pipe.
            sink = StreamOutput(stream, writer)
            yield sink
            sink.close()
    else:
        sink = FileOutput(output, writer, written)
        try:
            yield sink
        finally:
            sink.close()
