"""Work: from rows to answers, in order, in this process or on as many as there are."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from magcheck.checker import Checker
from magcheck.errors import InputError, MagcheckError, ModelError
from magcheck.files.progress import Tally
from magcheck.files.rows import InputRow, OutputRow
from magcheck.files.writers import Writer
from magcheck.paths import model_file

# Rows that a worker takes at a time: enough that carrying them costs little, few enough that none waits long.
CHUNK = 1024
# Chunks handed out for each worker before the next are read: bounds the memory, whoever is slow.
_AHEAD = 16
# Fewer rows than these are done here before other processes have started.
WORTH = 10_000

# New objects before the collector looks for cycles, as `magcheck.__main__` has it.
_SELDOM = 1_000_000

T = TypeVar("T")


class Done(NamedTuple):
    """What came of the rows that were taken at a time.

    Attributes
    ----------
    texts
        The rows as their format spells them.
    rows
        The rows themselves, where the format is written as a whole.
    tally
        What is told of them.
    """

    texts: list[str]
    rows: list[OutputRow]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with rows, wherever it is done.

    Attributes
    ----------
    model, digest
        The model's file, None for the one that comes with the package, and the SHA-256 of what is in it.
    writer
        The format, None for one that is written as a whole.
    explain
        Whether verdicts carry their explanation.
    """

    model: str | None
    digest: str
    writer: Writer | None
    explain: bool = False

    @classmethod
    def with_model(cls, model: Path | None, writer: Writer | None, explain: bool = False) -> Work:
        """Return the work with the model in a file.

        Raises
        ------
        ModelError
            If the file cannot be read.
        """
        own = None if model is None else str(model.resolve())
        return cls(own, _digest(own or model_file()), writer, explain)

    def checker(self) -> Checker:
        """Return the checker, loaded once in a process.

        Raises
        ------
        ModelError
            If the file here holds another model than where the work was given out.
        """
        return _checker(self.model, self.digest)

    def __call__(self, rows: list[InputRow]) -> list[Done]:
        """Check rows."""
        answered, tally = check_rows(self.checker(), rows, explain=self.explain), Tally()
        for before, after in zip(rows, answered, strict=True):
            tally.add(before.place, after)
        if self.writer is None:
            return [Done([], answered, tally)]
        return [Done([self.writer.row(row) for row in answered], [], tally)]


@lru_cache(maxsize=1)
def _checker(model: str | None, digest: str) -> Checker:
    path = model or model_file()
    if _digest(path) != digest:
        raise ModelError(f"{path}: is another model here than where the batch was started; install the same one")
    return Checker.load(path)


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); name a model with --model FILE") from error


def check_rows(checker: Checker, rows: Iterable[InputRow], *, explain: bool = False) -> list[OutputRow]:
    """Check rows; one that cannot be checked gets its error in the verdict's place."""
    rows = list(rows)
    answers = iter(checker.answers((row.statement or "" for row in rows if row.error is None), explain=explain))
    checked = []
    for row in rows:
        answer = next(answers) if row.error is None else row.error
        if isinstance(answer, InputError):
            answer = f"{row.place}: {answer}"
        verdict, error = (None, answer) if isinstance(answer, str) else (answer, None)
        checked.append(OutputRow(row.number, verdict, error, row.fields, row.statement))
    return checked


def spread(
    rows: Iterable[InputRow],
    work: Callable[[list[InputRow]], list[T]],
    *,
    jobs: int = 1,
    chunk: int = CHUNK,
    worth: int = WORTH,
    at_hand: Callable[[], bool] | None = None,
) -> Iterator[T]:
    """Do `work` on rows, in order, and with as little in memory whatever their number.

    Parameters
    ----------
    jobs
        Processes, as joblib counts them: -1 is one for each processor. No backend is named, so that
        ``joblib.parallel_config`` can carry the work to a cluster.
    chunk
        Rows that a worker takes at a time.
    worth
        Fewer rows than these are done in this process.
    at_hand
        Tells whether there is another row that need not be waited for. Where it is given and one process works, rows
        are done as they come, as many at a time as have come.

    Raises
    ------
    Exception
        What reading the rows raises, after all rows before it are done.
    MagcheckError
        If a process that worked was ended from outside.
    """
    broken: list[Exception] = []

    def whole() -> Iterator[InputRow]:
        try:
            yield from rows
        except Exception as error:  # noqa: BLE001 - whatever it is, the rows before come first
            broken.append(error)

    given: Iterator[InputRow] = whole()
    first = list(islice(given, worth)) if jobs != 1 else []
    given = chain(first, given)
    if jobs != 1 and len(first) == worth:
        yield from _spread(given, work, jobs, chunk)
    else:
        while taken := _come(given, chunk, at_hand) if at_hand else list(islice(given, chunk)):
            yield from work(taken)
    if broken:
        raise broken[0]


def _come(rows: Iterator[InputRow], chunk: int, at_hand: Callable[[], bool]) -> list[InputRow]:
    """Wait for a row, and take those that have come with it."""
    taken = list(islice(rows, 1))
    while taken and len(taken) < chunk and at_hand():
        taken += islice(rows, 1)
    return taken


def _away(work: Callable[[list[InputRow]], list[T]], columns: Sequence[Sequence[Any]]) -> list[T]:
    """Do `work` on rows in another process, which looks for cycles as seldom as the command itself: rows make none.

    Rows come by their columns: what carries them takes five times as long over as many objects of a class of our own.
    """
    gc.set_threshold(_SELDOM)
    return work([*map(InputRow, *columns)])


def _spread(rows: Iterator[InputRow], work: Callable[[list[InputRow]], list[T]], jobs: int, chunk: int) -> Iterator[T]:
    from joblib import Parallel, delayed, effective_n_jobs

    room = effective_n_jobs(jobs) * _AHEAD
    chunks = iter(lambda: list(islice(rows, chunk)), [])
    given, dealt, ended = 0, 0, False

    def tasks() -> Iterator[Any]:
        # Asked for by joblib, in a thread of its own, whenever a worker is done: it has always the next chunk waiting.
        nonlocal given, ended
        while given - dealt < room:
            taken = next(chunks, None)
            if taken is None:
                ended = True
                return
            given += 1
            yield delayed(_away)(work, [*zip(*taken, strict=True)])

    try:
        # A chunk takes as long as joblib would have a batch take.
        with Parallel(n_jobs=jobs, return_as="generator", batch_size=1) as parallel:
            # More than once only where what is done is taken slower than it is done.
            while not ended:
                for done in parallel(tasks()):
                    dealt += 1
                    yield from done
    except BrokenExecutor as error:
        raise MagcheckError(
            "a process that worked on the rows was ended from outside, for want of memory perhaps; what is written "
            "is whole: go on with --resume, and with fewer --jobs"
        ) from error
