"""Keeps the docs true: runs every command that they show and writes what it prints beneath it.

    python tools/docs.py            rewrite
    python tools/docs.py --check    exit with 1 where a page would change
    python tools/docs.py --probe    also measure anew what the corpus's wording alone gives away (a minute)

In a ``console`` block, a line that starts with ``$ `` is a command and what follows is its output. Commands run one
after another in one temporary folder that holds the repository's ``examples``. Between ``<!-- help: NAME -->`` marks
stands the help text of a command. The tables of the corpus's datasheet are written from the corpus.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from magcheck.corpus_check import examine
from magcheck.training.examination import refreshed

REPOSITORY = Path(__file__).resolve().parent.parent
DATASHEET = REPOSITORY / "corpus" / "README.md"
PAGES = [REPOSITORY / "README.md", DATASHEET, *sorted((REPOSITORY / "docs").glob("*.md"))]
ENVIRONMENT = {"NO_COLOR": "1", "COLUMNS": "96", "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "TERM": "dumb"}
_CONSOLE = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_HELP = re.compile(r"(?<=<!-- help: )(?P<name>\w+) -->.*?(?=<!-- /help -->)", re.DOTALL)


def run(command: str, folder: Path) -> str:
    """Return what a shell command prints, its errors too."""
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).rstrip("\n")


def console(block: re.Match[str], folder: Path) -> str:
    """Return a console block with its commands' output as it is."""
    lines: list[str] = []
    for command in re.findall(r"^\$ (.*(?:\\\n.*)*)", block.group(), re.MULTILINE):
        lines.append(f"$ {command}")
        lines += [line.rstrip() for line in run(command, folder).splitlines()]
    return "\n".join(lines) + "\n"


def helped(mark: re.Match[str], folder: Path) -> str:
    """Return the help text of the command that a mark names."""
    text = run(f"magcheck {shlex.quote(mark['name'])} --help", folder)
    return f"{mark['name']} -->\n```text\n{text}\n```\n"


def main() -> int:
    """Rewrite or check every page."""
    check = "--check" in sys.argv[1:]
    bin_folder = str(Path(sys.executable).parent)
    ENVIRONMENT["PATH"] = f"{bin_folder}:{ENVIRONMENT['PATH']}"
    stale = []
    for page in PAGES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copytree(REPOSITORY / "examples", folder / "examples")
            text = page.read_text(encoding="utf-8")
            fresh = _CONSOLE.sub(lambda block, folder=folder: console(block, folder), text)  # type: ignore[misc]
            fresh = _HELP.sub(lambda mark, folder=folder: helped(mark, folder), fresh)  # type: ignore[misc]
        if page == DATASHEET:
            fresh = refreshed(fresh, examine(DATASHEET.parent, probe="--probe" in sys.argv[1:]))
        if fresh != text:
            stale.append(page.relative_to(REPOSITORY))
            if not check:
                page.write_text(fresh, encoding="utf-8")
    for page in stale:
        print(f"{page}: {'does not show what its commands print; run python tools/docs.py' if check else 'rewritten'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
