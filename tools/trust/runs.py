"""The product run as others run it: in a process of its own, in an empty folder and home, watched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import magcheck as product

# Refuses every socket: by the interpreter's own events, which no import order or C code gets round.
REFUSE_SOCKETS = """
import sys
def refuse(event, args):
    if event.startswith("socket.") and event != "socket.__new__" or event == "socket.__new__" and args[1] not in LOCAL:
        raise PermissionError(f"the network was asked for: {event} {args!r}")
import socket
LOCAL = {int(socket.AF_UNIX)} if hasattr(socket, "AF_UNIX") else set()
sys.addaudithook(refuse)
"""
COMMAND = "from magcheck.__main__ import main; main()"


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which all that is written at will lands in `home`, and magcheck is the one here."""
    folder = str(home)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(product.__file__).resolve().parents[1]),
        "HOME": folder,
        "TMPDIR": folder,
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
    }


def magcheck(
    args: Sequence[str],
    cwd: Path,
    home: Path,
    *,
    before: str = "",
    given: bytes = b"",
    more: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run ``magcheck ARGS`` in `cwd`, after the code `before`."""
    return subprocess.run(
        [sys.executable, "-c", f"{before}\n{COMMAND}", *args],
        cwd=cwd,
        env=environment(home) | dict(more or {}),
        input=given,
        capture_output=True,
        check=False,
        timeout=600,
    )


def tree(*folders: Path) -> dict[str, bytes]:
    """Return every file under `folders` with its bytes, and every folder with none."""
    return {
        str(path): path.read_bytes() if path.is_file() else b""
        for folder in folders
        for path in sorted(folder.rglob("*"))
    }
