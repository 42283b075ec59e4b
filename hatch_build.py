"""What a wheel carries of the corpus: all of it, its statements compressed better than the wheel itself would."""

from __future__ import annotations

import bz2
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CorpusHook(BuildHookInterface[Any]):
    """Adds the corpus to a wheel; an editable install reads it where it lies."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compress the statements into a folder of their own, and name the files to be put into the wheel."""
        if version == "editable":
            return
        corpus = Path(self.root) / "corpus"
        self._folder = tempfile.TemporaryDirectory()
        for file in sorted(corpus.rglob("*")):
            if file.is_file():
                inside = f"magcheck/{file.relative_to(self.root)}"
                if file.suffix == ".jsonl":
                    packed = Path(self._folder.name) / f"{file.name}.bz2"
                    packed.write_bytes(bz2.compress(file.read_bytes()))
                    file, inside = packed, f"{inside}.bz2"
                build_data["force_include"][str(file)] = inside

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the compressed files."""
        if version != "editable":
            self._folder.cleanup()
