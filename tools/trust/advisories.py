"""Advisories: what is publicly known of the security of what an install brings."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from trust.setting import Setting
from trust.table import Check

_EXTRAS = ("dask", "xlsx")
_PAGE = "https://pypi.org/pypi/{}/json"
_PATIENCE = 60


def run(setting: Setting) -> list[Check]:
    """Ask pip-audit of every package that magcheck and its extras bring to this environment."""
    if find_spec("pip_audit") is None:
        return [Check("packages with a known advisory", "pip-audit is not installed: pip install -e '.[audit]'")]
    pinned = brought("magcheck", _EXTRAS)
    found = audited(pinned)
    silent = sorted(name for name in pinned if name not in found)
    with ThreadPoolExecutor(8) as pool:
        for name, known in zip(silent, pool.map(newest, silent, map(pinned.__getitem__, silent)), strict=True):
            if known is not None:
                found[name] = known
    unasked = [f"{name} {pinned[name]}" for name in silent if name not in found]
    bad = {name: known for name, known in found.items() if known}
    for name, known in bad.items():
        setting.log.note("advisories", package=name, version=pinned[name], known=known)
    python = ".".join(map(str, sys.version_info[:2]))
    return [
        Check(
            f"packages with a known advisory (Python {python})",
            f"{len(bad)} of {len(found)}" if found else "none could be asked of",
            "0" if found else "",
            not bad if found else None,
        ),
        Check("packages that could not be asked of", f"{len(unasked)} of {len(pinned)}  {', '.join(unasked)}".rstrip()),
    ]


def brought(name: str, extras: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the installed packages that one needs, directly or not, with their versions."""
    found: dict[str, str] = {}
    queue = [(name, frozenset(("", *extras)))]
    while queue:
        one, wanted = queue.pop()
        for line in distribution(one).requires or ():
            need = Requirement(line)
            if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in wanted):
                continue
            key = canonicalize_name(need.name)
            if key not in found:
                try:
                    found[key] = version(key)
                except PackageNotFoundError:  # An extra that is not installed here.
                    continue
                queue.append((key, frozenset(("", *need.extras))))
    return found


def audited(pinned: dict[str, str]) -> dict[str, list[str]]:
    """Return the advisories that pip-audit knows of packages, and nothing of those that it could not ask of."""
    with tempfile.TemporaryDirectory(prefix="trust-") as folder:
        wanted = Path(folder) / "requirements.txt"
        wanted.write_text("".join(f"{name}=={number}\n" for name, number in pinned.items()), encoding="utf-8")
        options = ["--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
        done = subprocess.run(  # Exits with 1 where there are advisories.
            [sys.executable, "-m", "pip_audit", "-r", str(wanted), *options], capture_output=True, check=False
        )
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError):  # It reaches no database at all.
        return {}
    return {canonicalize_name(one["name"]): [known["id"] for known in one["vulns"]] for one in told if "vulns" in one}


def newest(name: str, number: str) -> list[str] | None:
    """Return what the package index knows of a version that is the newest, or None.

    Some mirrors serve the page of a package, which tells of its newest version, but not those of single versions,
    which are what pip-audit reads.
    """
    try:
        with urllib.request.urlopen(_PAGE.format(name), timeout=_PATIENCE) as answer:
            told = json.load(answer)
    except (OSError, ValueError):
        return None
    return [known["id"] for known in told["vulnerabilities"]] if told["info"]["version"] == number else None
