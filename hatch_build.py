"""What a wheel carries of the corpus: all of it, its statements in an archive that takes half the room."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CorpusHook(BuildHookInterface[Any]):
    """Adds the corpus to a wheel; an editable install reads it where it lies."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Pack the statements into a folder of their own, and name the files to be put into the wheel."""
        if version == "editable":
            return
        corpus = Path(self.root) / "corpus"
        self._folder = tempfile.TemporaryDirectory()
        archive = Path(self._folder.name) / "statements.tar.xz"
        with tarfile.open(archive, "w:xz", preset=9) as packed:
            for file in sorted((corpus / "statements").glob("*.jsonl")):
                packed.add(file, file.name, filter=_nameless)
        for file in (archive, *(one for one in sorted(corpus.glob("*")) if one.is_file())):
            build_data["force_include"][str(file)] = f"magcheck/corpus/{file.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the archive."""
        if version != "editable":
            self._folder.cleanup()


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who owns a file and when it was written, so that the same statements give the same archive."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member
