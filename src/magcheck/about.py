"""What a model says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from magcheck.model import Model


def facts(model: Model, path: Path) -> dict[str, Any]:
    """Return which model one is, of which corpus, made how and how good, as JSON-ready values.

    A model does not store when it was made, as the same corpus has to give the same bytes; the file's own date
    stands for it.

    Parameters
    ----------
    model, path
        The model, and the file it was read from.
    """
    meta, about = model.meta, path.stat()
    return {
        "file": str(path),
        "bytes": about.st_size,
        "written": datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="seconds"),
        "document": meta["title"],
        "corpus": meta["corpus"],
        "made_with": {"magcheck": meta["version"], "python": meta["python"]},
        "protocol": meta["protocol"],
        "features": len(model.features),
        "settings": meta["settings"],
        "scores": meta.get("scores"),
    }


def one_line(meta: Mapping[str, Any]) -> str:
    """Return in a line which model one is, from its `Model.meta`."""
    corpus = meta["corpus"]
    return (
        f"magcheck {meta['version']}, model of {corpus['statements']:,} statements "
        f"and {corpus['passages']} passages, corpus {corpus['hash'][:12]}"
    )


def to_text(shown: Mapping[str, Any]) -> str:
    """Return `facts` for people."""
    corpus = shown["corpus"]
    lines = {
        "model": f"{shown['file']} ({shown['bytes'] / 2**20:.1f} MiB)",
        "written": f"{shown['written']} (the file's date)",
        "made with": ", ".join(f"{name} {version}" for name, version in shown["made_with"].items()),
        "document": f"{shown['document']} ({corpus['passages']} passages)",
        "corpus": f"{corpus['statements']:,} statements, hash {corpus['hash'][:16]}",
        "features": f"{shown['features']:,}",
        "settings": ", ".join(f"{name} {value}" for name, value in shown["settings"].items()),
        "scores": _scores(shown["scores"]),
    }
    return "".join(f"{name:<10} {text}\n" for name, text in lines.items())


def _scores(scores: Any) -> str:
    if not scores:
        return "none in the file; measure with: magcheck evaluate FILE"
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.3f}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in scores.items()
    )
