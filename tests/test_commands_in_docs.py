from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY


def commands(page: Path) -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("magcheck ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


def test_the_walk_through_another_document_runs(tmp_path: Path) -> None:
    walked = commands(REPOSITORY / "docs" / "own-document.md")
    assert [line[0] for line in walked] == ["train", "--model", "evaluate"]
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    for line in walked:
        done = subprocess.run([sys.executable, "-m", "magcheck", *line], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "macro_f1" in done.stdout
