"""Where the corpus and the model lie: inside the installed package, or at the top of the repository."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PACKAGE = os.path.dirname(os.path.realpath(__file__))
_REPOSITORY = os.path.dirname(os.path.dirname(_PACKAGE))


def _locate(name: str) -> str:
    # A wheel carries the folders inside the package; an editable install leaves them at the repository's top.
    inside = os.path.join(_PACKAGE, name)
    return inside if os.path.isdir(inside) else os.path.join(_REPOSITORY, name)


def corpus_dir() -> Path:
    """Return the folder of the corpus that comes with the package."""
    from pathlib import Path

    return Path(_locate("corpus"))


def model_file() -> str:
    """Return the path of the model that comes with the package.

    A text, and no `Path`, whose module takes a sixth as long to import as NumPy: an answer does without.
    """
    return os.path.join(_locate("models"), "magcheck.npz")
