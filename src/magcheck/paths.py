"""Where the corpus and the model lie: inside the installed package, or at the top of the repository."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = _PACKAGE.parent.parent


def _locate(name: str) -> Path:
    # A wheel carries the folders inside the package; an editable install leaves them at the repository's top.
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _REPOSITORY / name


def corpus_dir() -> Path:
    """Return the folder of the corpus that comes with the package."""
    return _locate("corpus")


def model_file() -> Path:
    """Return the path of the model that comes with the package."""
    return _locate("models") / "magcheck.npz"
