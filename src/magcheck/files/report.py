"""The report: one self-contained HTML page to look at, filter and print.

The page fetches nothing and says so in its Content-Security-Policy. The rows are written as they come, as JSON
in a script that the browser does not run; a small script shows them fifty at a time, so that ten thousand stay
usable. Without scripts, the page shows the figures, the document and the first rows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, TextIO

from magcheck import __version__
from magcheck.files import report_parts as parts
from magcheck.files.report_parts import Tally, deciding, plain
from magcheck.files.rows import OutputRow
from magcheck.verdict import BASES, LABELS

# How many rows a page shows where no script runs.
FIRST_ROWS = 200
_SLOT = re.compile(r"\{\{(\w+)\}\}")
# Half a character, which JSON can name but no text can hold.
_SURROGATE = re.compile("[\ud800-\udfff]")


def write_report(
    rows: Iterable[OutputRow],
    stream: TextIO,
    *,
    document: Sequence[Mapping[str, Any]],
    title: str,
    model_info: str,
) -> None:
    """Write the report of `rows` to `stream`.

    Parameters
    ----------
    rows
        The rows, which are taken and written one by one.
    stream
        Where the page goes, as UTF-8.
    document
        The passages of the document, in order: mappings with ``id``, ``section`` and ``text``.
    title
        The page's heading.
    model_info
        A line on the model, for the foot of the page.

    Examples
    --------
    >>> import io
    >>> page = io.StringIO()
    >>> write_report([], page, document=[], title="Nothing", model_info="no model")
    >>> page.getvalue().startswith("<!DOCTYPE html>")
    True
    """
    assets = files("magcheck.files")
    style, script = (assets.joinpath(f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    before, after = assets.joinpath("report.html").read_text(encoding="utf-8").split("{{rows}}")
    slots = {
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "version": plain(__version__),
        "title": plain(title),
        "model_info": plain(model_info),
    }
    stream.write(_fill(before, slots))
    tally = Tally(document)
    first: list[str] = []
    for row in rows:
        places = tally.add(row)
        stream.write("\n" if tally.total == 1 else ",\n")
        stream.write(_json(_for_script(row, places)))
        if len(first) < FIRST_ROWS:
            first.append(parts.row(row, places))
    slots |= {
        "passages": _json(tally.passages),
        "lede": parts.lede(tally),
        "share": parts.share(tally),
        "cards": parts.cards(tally),
        "count": parts.counted(tally.total, "statement"),
        "first": parts.first_rows(first, tally.total),
        "cited": f"{len(tally.cited):,} of {parts.counted(len(tally.passages), 'passage')} cited",
        "document": parts.document(tally),
    }
    stream.write(_fill(after, slots))


def _for_script(row: OutputRow, places: Sequence[int]) -> dict[str, Any]:
    # The names are short because ten thousand rows repeat them; report.js reads them.
    shown: dict[str, Any] = {"n": row.number, "s": row.statement}
    if row.verdict is None:
        shown["e"] = row.error or ""
    else:
        verdict = row.verdict
        shown["l"] = LABELS.index(verdict.label)
        shown["b"] = BASES.index(verdict.basis)
        shown["p"] = [round(verdict.probabilities[label], 4) for label in LABELS]
        shown["c"] = [[at, round(one.relevance, 4)] for at, one in zip(places, verdict.passages, strict=True)]
        shown["k"] = deciding(verdict)
    fields = parts.fields(row)
    if fields:
        shown["f"] = fields
    return shown


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _fill(template: str, slots: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda slot: slots[slot[1]], template)


def _json(value: Any) -> str:
    # Without "<" no "</script>" or "<!--" can end or change the script that the JSON stands in.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return _SURROGATE.sub("\ufffd", text)
