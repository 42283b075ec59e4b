"""The command line. What the commands do lives in the library, which each imports when it is run.

So ``magcheck --help`` and a usage error cost no more than click, and one answer no more than its model.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from magcheck import __version__
from magcheck.command import FOUND, WRONG, StatementCommand, StatementGroup, refuse
from magcheck.errors import InputError
from magcheck.files import FORMATS, KINDS
from magcheck.verdict import LABELS

if TYPE_CHECKING:
    from pathlib import Path

    from magcheck.checker import Checker
    from magcheck.files.progress import Tally
    from magcheck.files.rows import OutputRow
    from magcheck.files.sources import Source
    from magcheck.model import Model

_F = TypeVar("_F", bound=Callable[..., Any])


class _File(click.Path):
    """A path, whose module is imported for those who give one only."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value as a `pathlib.Path`."""
        from pathlib import Path

        return Path(os.fsdecode(super().convert(value, param, ctx)))


_FILE = _File()

_model = click.option(
    "--model", type=_FILE, metavar="FILE", help="Another model than the one that comes with magcheck."
)
_format = click.option("-f", "--format", "format_", type=click.Choice(FORMATS), help="Format of the results.")
_fail_on = click.option(
    "--fail-on",
    type=click.Choice(LABELS),
    multiple=True,
    help="Exit with 1 if a statement has this label; may be given again.",
)
_explain = click.option("--explain", is_flag=True, help="Tell how statements were read and what decided.")


def _jobs(usual: int) -> Callable[[_F], _F]:
    return click.option(
        "-j",
        "--jobs",
        type=click.IntRange(-1),
        default=usual,
        show_default=True,
        metavar="N",
        help="Processes to work in; -1 is one for each processor.",
        callback=_some,
    )


def _some(ctx: click.Context, option: click.Parameter, jobs: int) -> int:
    if jobs == 0:
        raise click.BadParameter("0 processes do no work.", ctx, option)
    return jobs


_text_or_json = click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Format of the answer."
)


@click.group(
    cls=StatementGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='\b\nExamples:\n  magcheck "Magnesium prevents ALS"\n  magcheck --explain "Magnesium prevents ALS"\n'
    "  magcheck batch claims.csv -o verdicts.csv\n\nOptions for statements: magcheck check --help",
    subcommand_metavar='"STATEMENT" ... | COMMAND ...',
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Check statements about magnesium and ALS against one document.

    A statement is supported, unsupported or uncertain, and the passage that decides is shown. The measure is
    what the document says, not what is true in the world; this is no medical advice.
    """
    if ctx.invoked_subcommand is None:
        raise click.UsageError('Say what to check, as in: magcheck "Magnesium prevents ALS"', ctx)


@cli.command(cls=StatementCommand)
@click.argument("statements", nargs=-1, metavar='"STATEMENT" ... | -')
@_format
@_model
@_fail_on
@_explain
@click.option(
    "--article", type=_FILE, metavar="FILE", help="Your own copy of the article: show its sentences beside ours."
)
@click.pass_context
def check(
    ctx: click.Context,
    statements: Sequence[str],
    format_: str | None,
    model: Path | None,
    fail_on: Sequence[str],
    explain: bool,
    article: Path | None,
) -> int:
    """Check statements.

    "-" stands for those on standard input, one a line. The command's name may be left out. As JSON, one statement is
    an object, more are an array.
    """
    refuse(ctx, statements)
    from magcheck.checker import Checker

    checker = Checker.load(model)
    labels: set[str | None] = set()
    rows = _noted(_answers(checker, statements, explain), labels)
    if format_ in (None, "text"):
        from magcheck.terminal import print_cards

        print_cards(rows, sys.stdout, _aligned(article, checker.model) if article else None)
    elif article:
        raise click.UsageError("--article goes with the format text.")
    elif format_ == "json" and len(statements) == 1 and statements[0] != "-":
        from magcheck.files.writers import to_json

        click.echo(to_json(next(rows).to_dict(), indent=2))
    else:
        from magcheck.files.batch import write_rows

        write_rows(rows, format_, None, checker.model, explained=explain)
    return 0 if labels.isdisjoint(fail_on) else FOUND


def _aligned(article: Path, model: Model) -> Mapping[str, str | None]:
    from magcheck.article import align

    return align(article, model.meta["passages"], model.reader)


def _answers(checker: Checker, statements: Sequence[str], explain: bool) -> Iterator[OutputRow]:
    from magcheck.files.rows import OutputRow

    for number, statement in enumerate(statements, 1):
        if statement == "-":
            from magcheck.files.readers import read_rows
            from magcheck.files.work import check_rows

            for row in read_rows("-", kind="txt"):
                yield from check_rows(checker, [row], explain=explain)
        else:
            yield OutputRow(number, checker.check(statement, explain=explain), statement=statement)


def _noted(rows: Iterator[OutputRow], labels: set[str | None]) -> Iterator[OutputRow]:
    for row in rows:
        labels.add(row.label)
        yield row


@cli.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT ...")
@click.option(
    "-o", "--output", default="-", metavar="OUTPUT", help='File to write to; "-" is standard output, as if not given.'
)
@_format
@click.option("--from", "kind", type=click.Choice(KINDS), help="Kind of INPUT, where its name does not tell.")
@click.option("--column", metavar="NAME", help="Column or field that holds the statements.")
@click.option("--no-header", is_flag=True, help="The table's first row is data; its columns are 1, 2, and so on.")
@click.option("--encoding", metavar="NAME", help="Encoding of INPUT, where it is not UTF-8.")
@click.option("--prose", is_flag=True, help="Find the claims in running text, of files and of folders.")
@click.option("--resume", is_flag=True, help="Go on after the rows that an earlier run left in OUTPUT.")
@_jobs(1)
@click.option("--dask", metavar="ADDRESS", help="Work on the Dask cluster with this scheduler.")
@_model
@_fail_on
@_explain
@click.option("-q", "--quiet", is_flag=True, help="Show neither progress nor a summary.")
@click.pass_context
def batch(
    ctx: click.Context,
    /,
    inputs: Sequence[str],
    output: str,
    format_: str | None,
    kind: str | None,
    encoding: str | None,
    prose: bool,
    model: Path | None,
    fail_on: Sequence[str],
    quiet: bool,
    **rest: Any,
) -> int:
    """Check every statement of a file.

    INPUT is .txt (a statement a line), .csv, .tsv, .jsonl, .json or .xlsx, any of them also as .gz; "-" is standard
    input. One row comes out for each row, in order, with all its fields; one that cannot be checked has an error in
    the verdict's place. In .md files, and with --prose, claims about the topic are found in running text and told
    as FILE:LINE:COLUMN.
    """
    from pathlib import Path

    from magcheck.files.batch import run_prose
    from magcheck.files.sources import Source, kind_of
    from magcheck.files.writers import choose_format
    from magcheck.terminal import Style

    if "" in (*inputs, output):
        raise click.UsageError("An INPUT or OUTPUT is empty; is it a variable that is not set?", ctx)
    target = None if output == "-" else Path(output)
    texts = prose or kind == "md" or all(kind_of(name) == "md" or Path(name).is_dir() for name in inputs)
    name = format_ or choose_format(target, "text" if texts or sys.stdout.isatty() else "jsonl")
    if name == "text" and rest["explain"]:
        raise click.UsageError("--explain has no room in lines of text; say --format jsonl, csv or html.", ctx)
    broken: list[InputError] = []
    if texts:
        if kind not in (None, "md"):
            raise click.UsageError(f"--from {kind} goes with one file of rows, not with running text or folders.", ctx)
        for option in rest:
            if ctx.get_parameter_source(option) is ParameterSource.COMMANDLINE:
                raise click.UsageError(f"--{option.replace('_', '-')} goes with rows, not with running text.", ctx)
        tally = run_prose(inputs, name, target, model=model, encoding=encoding, on_error=broken.append)
    elif len(inputs) > 1:
        raise click.UsageError("One file of statements at a time; several, and folders, go with --prose.", ctx)
    else:
        with Source(inputs[0], kind, encoding) as source:
            tally = _rows(source, name, target, model, quiet, **rest)
    for error in broken:
        click.echo(f"magcheck: {error}", err=True)
    if not quiet and (tally.labels or not broken):
        noun = "claim" if texts else "row"
        click.echo(tally.to_text(Style.of(sys.stderr), noun), err=True, nl=False)
    if broken:
        return WRONG
    return FOUND if any(tally.labels[label] for label in fail_on) else 0


def _rows(
    source: Source,
    name: str,
    output: Path | None,
    model: Path | None,
    quiet: bool,
    *,
    column: str | None,
    no_header: bool,
    resume: bool,
    jobs: int,
    dask: str | None,
    explain: bool,
) -> Tally:
    from magcheck.files.batch import run_batch
    from magcheck.files.cluster import dask_cluster
    from magcheck.files.progress import Progress
    from magcheck.files.readers import Reader
    from magcheck.files.work import WORTH

    reader = Reader(source, column, header=not no_header)
    # Where results come on the same screen, they are progress enough.
    silent = quiet or (output is None and sys.stdout.isatty())
    with (
        dask_cluster(dask) if dask else nullcontext(),
        Progress(None if silent else sys.stderr, source.fraction) as progress,
    ):
        try:
            return run_batch(
                reader,
                name,
                output,
                model=model,
                jobs=-1 if dask and jobs == 1 else jobs,
                worth=0 if dask else WORTH,
                resume=resume,
                explain=explain,
                progress=progress,
            )
        except KeyboardInterrupt:
            hint = "; go on with --resume" if output and name != "html" else ""
            click.echo(f"\nmagcheck: stopped after {progress.rows:,} rows{hint}", err=True)
            raise


@cli.command()
@click.option("--corpus", "directory", type=_FILE, metavar="DIR", help="Another corpus than that of magcheck.")
@click.option(
    "-o",
    "--output",
    type=_FILE,
    default="models/magcheck.npz",
    show_default=True,
    metavar="FILE",
    help="File to write the model to.",
)
@_jobs(2)
def train(directory: Path | None, output: Path, jobs: int) -> None:
    """Make a model from a corpus.

    The same corpus gives the same file on the same kind of processor, byte for byte.
    """
    from magcheck import about
    from magcheck.corpus import load
    from magcheck.training.fit import fit

    corpus = load(directory)
    model = fit(corpus, say=_progress, jobs=jobs)
    model.save(output)
    click.echo(f"magcheck: {output} is written; {about.one_line(model.meta)}", err=True)


@cli.command()
@click.argument("file", required=False, type=_FILE, metavar="[FILE]")
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json", "html", "card"]),
    help="Format of the figures, where OUTPUT's name does not tell (.json, .html, and .md for the card).",
)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@click.option("--html", "format_", flag_value="html", help="The same as --format html: a page with drawings.")
@click.option("--card", "format_", flag_value="card", help="The same as --format card: the model's card, in Markdown.")
@click.option("-o", "--output", type=_FILE, metavar="OUTPUT", help="File to write to.")
@click.option(
    "--cross-validate",
    "by",
    type=click.Choice(["voice", "group"]),
    help="Measure on the model's corpus in place of FILE, by models that had not learnt from the voice, or the "
    "contrast group, of a statement. Takes as long as four trainings.",
)
@click.option("--corpus", "directory", type=_FILE, metavar="DIR", help="The corpus, if it is not that of magcheck.")
@click.option(
    "--bootstrap",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    metavar="N",
    help="Resamples that the intervals come from.",
)
@click.option("--mistakes", type=click.IntRange(0), default=0, metavar="N", help="Show so many mistakes.")
@_jobs(2)
@_model
@click.pass_context
def evaluate(
    ctx: click.Context,
    file: Path | None,
    format_: str | None,
    output: Path | None,
    by: str | None,
    directory: Path | None,
    bootstrap: int,
    mistakes: int,
    jobs: int,
    model: Path | None,
) -> None:
    """Measure a model on labelled statements.

    FILE is JSON Lines like those of a corpus: objects with statement, basis and evidence. On statements that the
    model has learnt from, it is right nearly always, which says nothing: for these there is --cross-validate.
    """
    from magcheck.checker import Checker
    from magcheck.files.batch import whole_file
    from magcheck.files.writers import to_json
    from magcheck.training.evaluate import evaluate_file

    if format_ is None and output is not None:
        format_ = {".json": "json", ".html": "html", ".md": "card"}.get(output.suffix.lower())
    checker = Checker.load(model)
    baselines = None
    if file is not None and by is None:
        on = file.name
        found = evaluate_file(file, checker, bootstrap=bootstrap)
    elif by is not None and file is None:
        from magcheck.corpus import load
        from magcheck.training.baselines import compare
        from magcheck.training.crossval import cross_validated

        corpus = load(directory)
        on = f"its corpus, by models that had not learnt from the {by} of the statement"
        found = cross_validated(corpus, checker.model, by, bootstrap=bootstrap, say=_progress, jobs=jobs)
        baselines = compare(corpus, folds=4, jobs=jobs) if format_ == "card" else None
    else:
        raise click.UsageError("Say either a FILE of labelled statements or --cross-validate.", ctx)
    with whole_file(output) as stream:
        if format_ == "html":
            stream.write(found.to_html())
        elif format_ == "json":
            stream.write(to_json(found.to_dict(), indent=2) + "\n")
        elif format_ == "card":
            from magcheck.training.card import model_card

            stream.write(model_card(checker.model, evaluation=found, evaluated_on=on, baselines=baselines))
        else:
            stream.write(found.to_text(mistakes))


@cli.command()
@click.argument("directory", required=False, type=_FILE, metavar="[DIR]")
@click.option("-f", "--format", "format_", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--probe", is_flag=True, help="Measure what the wording alone gives away; takes about a minute.")
@_jobs(2)
def corpus(directory: Path | None, format_: str, probe: bool, jobs: int) -> int:
    """Examine a corpus.

    Counts, coverage, duplicates and faults are told; with a fault, the exit code is 2. As Markdown, the tables of its
    datasheet are written.
    """
    from magcheck.corpus_check import datasheet, examine

    found = examine(directory, probe=probe, jobs=jobs)
    _tell(found.to_dict(), datasheet(found) if format_ == "markdown" else found.to_text(), format_)
    return WRONG if found.faults else 0


@cli.command()
@_model
@_text_or_json
def info(model: Path | None, format_: str) -> None:
    """Tell which model answers.

    From which corpus it was made, with what, and how good it is.
    """
    from pathlib import Path

    from magcheck import about
    from magcheck.model import Model
    from magcheck.paths import model_file

    path = model or Path(model_file())
    facts = about.facts(Model.load(path), path)
    _tell(facts, about.to_text(facts), format_)


def _progress(text: str) -> None:
    click.echo(f"magcheck: {text}", err=True)


def _tell(facts: dict[str, Any], text: str, format_: str) -> None:
    if format_ == "json":
        from magcheck.files.writers import to_json

        text = to_json(facts, indent=2)
    click.echo(text.rstrip("\n"))
