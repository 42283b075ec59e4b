"""How the command line tells statements from commands, options and files, and errors from results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from magcheck.errors import MagcheckError
from magcheck.files import KINDS

# Exit codes. The last two are those that a shell gives a process ended by SIGINT and by SIGPIPE.
FOUND, WRONG, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141

_ENDINGS = frozenset({*KINDS, "markdown", "ndjson", "html", "htm", "rst", "pdf", "docx", "xls", "log"})
_LONGEST_NAME = 255
# difflib's ratio: "bacth" and "evalute" are this close to a command, "training" is not.
_CLOSE = 0.78
_IMPLIED, _LITERAL = "magcheck.implied", "magcheck.literal"


class StatementGroup(click.Group):
    """A group of commands, where what is no command is a statement to check."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``check`` before arguments that begin with neither a command nor an option of the group."""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0] not in own and args[0] not in self.commands:
            ctx.meta[_IMPLIED] = True
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command until its last byte is written; end quietly where nobody reads on."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # What Python flushes on its way out must not fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return BROKEN_PIPE
        return code

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; an error that is raised on purpose becomes a line on stderr and exit code 2."""
        run: Callable[[], Any] = partial(super().main, args, prog_name, complete_var, standalone_mode=False, **extra)
        if not standalone_mode:
            return run()
        try:
            code = run()
        except click.Abort:
            code = INTERRUPTED
        except click.ClickException as error:
            error.show()
            code = WRONG
        except MagcheckError as error:
            click.echo(f"magcheck: {error}", err=True)
            code = WRONG
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"magcheck: {where}cannot go on ({error.strerror or error})", err=True)
            code = WRONG
        sys.exit(code)


class StatementCommand(click.Command):
    """A command whose arguments are statements, which may look like options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a statement that starts with a dash, unless ``--`` stands before it."""
        ctx.meta[_LITERAL] = "--" in args
        own = {name for option in self.get_params(ctx) for name in option.opts}
        for arg in args[: args.index("--")] if "--" in args else args:
            words = arg.split()
            if arg.startswith("-") and len(words) > 1 and words[0].partition("=")[0] not in own:
                raise click.UsageError(
                    f"{shown(arg)} starts with a dash, as options do. If it is a statement, put two dashes before "
                    f"it: magcheck -- {quoted(arg)}",
                    ctx,
                )
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            hint = "If it begins a statement, put two dashes before it: magcheck -- …"
            raise click.UsageError(f"{error.format_message()} {hint}", ctx) from error


def refuse(ctx: click.Context, statements: Sequence[str]) -> None:
    """Raise a usage error, with a word that helps, for what was hardly meant as a statement."""
    if not statements:
        raise click.UsageError('A statement is missing, as in: magcheck "Magnesium prevents ALS"', ctx)
    literal = ctx.meta[_LITERAL]
    command = _meant(statements[0], ctx) if ctx.meta.get(_IMPLIED) and not literal else None
    if command:
        raise click.UsageError(
            f"{shown(statements[0])} is no command here. Did you mean: magcheck {command} "
            f"(if it is a statement: magcheck -- {quoted(statements[0])})",
            ctx,
        )
    for number, statement in enumerate(statements, 1):
        if not statement or statement.isspace():
            raise click.UsageError(f"Statement {number} is empty.", ctx)
        if statement != "-" and not literal and _names_file(statement):
            raise click.UsageError(
                f"{shown(statement)} names a file. To check what is in it: magcheck batch {quoted(statement)} "
                f"(if it is the statement itself: magcheck -- {quoted(statement)})",
                ctx,
            )


def _names_file(statement: str) -> bool:
    if len(statement) > _LONGEST_NAME or not statement.isprintable():
        return False
    stem, dot, ending = statement.lower().removesuffix(".gz").rpartition(".")
    # "… as I read in notes.md" is a statement, "my notes.md" a file.
    return bool(stem and dot and ending in _ENDINGS and len(statement.split()) < 4) or os.path.exists(statement)


def _meant(word: str, ctx: click.Context) -> str | None:
    if not word.isalpha() or ctx.parent is None or not isinstance(ctx.parent.command, click.Group):
        return None
    from difflib import get_close_matches

    known = {name: name for name in ctx.parent.command.commands} | {"help": "--help", "version": "--version"}
    return next((known[name] for name in get_close_matches(word.lower(), known, 1, _CLOSE)), None)


def shown(text: str) -> str:
    """Return a statement as it is named in a message, shortened."""
    return repr(text if len(text) <= 60 else f"{text[:59]}…")


def quoted(text: str) -> str:
    """Return a statement as a shell takes it, shortened."""
    import shlex

    return shlex.quote(text if len(text) <= 60 else f"{text[:59]}…")
