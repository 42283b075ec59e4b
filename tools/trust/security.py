"""Security: no network, no code from data, no file that was not asked for, nothing that runs in what is written."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from trust.runs import REFUSE_SOCKETS, magcheck, tree
from trust.setting import REPOSITORY, Setting
from trust.table import Check, none_of
from trust.targets import page

_NO_IMPORT = frozenset(
    """pickle cPickle _pickle dill cloudpickle shelve marshal code codeop subprocess pty ctypes socket ssl http urllib
    requests ftplib smtplib telnetlib xmlrpc socketserver asyncio webbrowser runpy""".split()
)
# A process may be of this very Python, apart from its surroundings, and run the very file that starts it.
_ITSELF = ["sys.executable", "'-I'", "'-S'", "__file__"]
_NO_CALL = frozenset("eval exec compile __import__ execfile".split())
_NO_ATTRIBUTE = frozenset("system popen execv execve execvp spawnv spawnl startfile loads_pickle".split())
_SHAPES = frozenset("line path rect circle polyline polygon text tspan".split())
_LINKS = ("href", "src", "action", "formaction", "srcdoc", "xlink:href")
_ARRAYS = frozenset("load save savez savez_compressed".split())
_STATEMENT = "Magnesium prevents ALS"
_ATTACKS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", '=HYPERLINK("http://x","y")',
    "＝1+1", "＋1+1", "－1+1", "＠x", "'=1+1", '"=1+1', "=1+1\n=2+2", "-2+3+cmd|' /C calc'!A0",
    "%0A=1+1", ";=1+1", ",=1+1",
)  # fmt: skip
_MARKUP = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<!--<script>", "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)', "' onfocus='alert(1)", "</style><b>", "]]><svg onload=alert(1)>", "&lt;b&gt;<b>&amp;",
    "<a href=javascript:alert(1)>x</a>", "{{script}}", "</template><iframe src=//x>", "<\x00script>", "\u2028<script>",
    "[x](javascript:alert(1))", "![x](http://x/y.png)", "`<b>`", "a|b\\|c", "<http://x>", "\\<b>", "* <b>\n<i>",
)  # fmt: skip


def run(setting: Setting) -> list[Check]:
    """Check everything that could do harm."""
    with tempfile.TemporaryDirectory(prefix="trust-") as name:
        folder = Path(name)
        return [*_watched(setting, folder), _code(setting), *_injected(setting, folder)]


def _given(folder: Path) -> None:
    folder.mkdir()
    rows = [_STATEMENT, "Magnesium oil may ease cramps in MND", "", "Turmeric slows ALS"]
    (folder / "in.txt").write_text("\n".join(rows), encoding="utf-8")
    (folder / "in.csv").write_text(
        "id,statement\n" + "".join(f"{at},{text}\n" for at, text in enumerate(rows)), encoding="utf-8"
    )
    (folder / "in.jsonl").write_text("".join(json.dumps({"statement": text}) + "\n" for text in rows), encoding="utf-8")
    (folder / "in.md").write_text("# Notes\n\n" + "\n\n".join(rows), encoding="utf-8")


# Each way to use magcheck, and the one file that it was asked to write.
_USES = (
    (["check", _STATEMENT], None),
    (["check", "--explain", "-f", "json", _STATEMENT], None),
    (["batch", "in.txt"], None),
    (["batch", "in.csv", "-o", "out.jsonl"], "out.jsonl"),
    (["batch", "in.jsonl", "-o", "out.csv"], "out.csv"),
    (["batch", "in.jsonl", "-o", "out.csv", "--resume"], "out.csv"),
    (["batch", "in.csv", "-o", "report.html"], "report.html"),
    (["batch", "in.jsonl", "--jobs", "2", "-o", "out.json"], "out.json"),
    (["batch", "in.md"], None),
    (["batch", "-", "-f", "csv"], None),
    (["info"], None),
    (["--help"], None),
)


def _watched(setting: Setting, folder: Path) -> list[Check]:
    """Use magcheck where every socket is refused, and compare folder, home and model before and after."""
    cwd, home = folder / "cwd", folder / "home"
    home.mkdir()
    _given(cwd)
    control = magcheck(["info"], folder, folder, before=f"{REFUSE_SOCKETS}\nsocket.socket(socket.AF_INET)")
    if b"the network was asked for" not in control.stderr:
        raise RuntimeError("sockets are not refused, so nothing would be seen")
    failed = unasked = 0
    for args, asked in _USES:
        before = tree(cwd, home, REPOSITORY / "models")
        done = magcheck(args, cwd, home, before=REFUSE_SOCKETS, given=_STATEMENT.encode())
        after = tree(cwd, home, REPOSITORY / "models")
        wanted = {str(cwd / asked)} if asked else set()
        touched = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} - wanted
        missing = wanted - after.keys()
        if done.returncode or b"PermissionError" in done.stderr or missing:
            failed += 1
            setting.log.note("sockets refused", args=args, code=done.returncode, said=done.stderr[-500:].decode())
        if touched:
            unasked += 1
            setting.log.note("files", args=args, touched=sorted(touched))
    return [
        none_of("check, batch, report with sockets refused: failed", failed, len(_USES), "uses"),
        none_of("files written that were not asked for", unasked, len(_USES), "uses"),
    ]


def dangers(source: str) -> Iterator[tuple[int, str]]:
    """Yield each place of a source that could run code from data, start another program or reach the network."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in _NO_IMPORT and not (name == "subprocess" and _starts_itself(tree)):
                yield getattr(node, "lineno", 0), f"import {name}"
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name) and node.func.id in _NO_CALL:
            yield node.lineno, f"{node.func.id}(…)"
        elif isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if node.func.attr in _NO_ATTRIBUTE or (owner == "joblib" and node.func.attr in ("load", "dump")):
                yield node.lineno, f"{owner}.{node.func.attr}(…)"
            safe = [one for one in node.keywords if one.arg == "allow_pickle"]
            held = safe and isinstance(safe[0].value, ast.Constant) and safe[0].value.value is False
            if owner in ("np", "numpy") and node.func.attr in _ARRAYS and not held:
                yield node.lineno, f"{owner}.{node.func.attr} without allow_pickle=False"


def _starts_itself(tree: ast.AST) -> bool:
    """Tell whether all that a source does with subprocess is to start itself."""
    used = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "subprocess"
    ]
    started = [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.func in used
        and ast.unparse(node.func) == "subprocess.Popen"
        and node.args
    ]
    pipes = [node for node in used if node.attr == "PIPE"]
    return (
        bool(started)
        and len(started) + len(pipes) == len(used)
        and all(
            isinstance(command, ast.List) and [ast.unparse(part) for part in command.elts[: len(_ITSELF)]] == _ITSELF
            for command in started
        )
    )


def _code(setting: Setting) -> Check:
    """Look through the product's sources."""
    files = sorted((REPOSITORY / "src").rglob("*.py"))
    found = [(file, *danger) for file in files for danger in dangers(file.read_text(encoding="utf-8"))]
    for file, line, what in found:
        setting.log.note("sources", place=f"{file.relative_to(REPOSITORY)}:{line}", what=what)
    return none_of("pickle, eval, exec, processes, network in src", len(found), len(files), "files")


def _injected(setting: Setting, folder: Path) -> list[Check]:
    """Write hostile statements, fields and names in every format, and read them as a spreadsheet and a browser do."""
    work = folder / "injected"
    work.mkdir()
    texts = [*_ATTACKS, *_MARKUP]
    fields = [{"id": text, text: "field", "statement": f"{text} {_STATEMENT}"} for text in texts]
    fields += [{"statement": text} for text in texts]
    (work / "in.jsonl").write_text("".join(json.dumps(one) + "\n" for one in fields), encoding="utf-8")
    benign = [{"id": "x", **{f"name {at}": "field" for at in range(len(texts))}, "statement": _STATEMENT}] * len(fields)
    (work / "benign.jsonl").write_text("".join(json.dumps(one) + "\n" for one in benign), encoding="utf-8")
    for name, words in (("gold", texts), ("benign-gold", [f"word {at}" for at in range(len(texts))])):
        rows = [
            {
                "id": f"{at} {word}",
                "statement": f"{word} {_STATEMENT}",
                "basis": "not-addressed",
                "tags": [word],
                "voice": word,
            }
            for at, word in enumerate(words)
        ]
        (work / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    said = {}
    for form in ("csv", "tsv", "html", "markdown", "text"):
        done = magcheck(["batch", "in.jsonl", "-q", "-f", form], work, work)
        if done.returncode:
            setting.log.note("injected", form=form, code=done.returncode, said=done.stderr[-500:].decode())
        said[form] = done.stdout.decode()
    run_by_sheet = 0
    cells = 0
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        for row in csv.reader(io.StringIO(said[form], newline=""), delimiter=delimiter):
            cells += len(row)
            found = [cell for cell in row if re.match(r"[=+\-@\t\r\n＝＋－＠]", cell) and not _is_number(cell)]
            run_by_sheet += len(found)
            for cell in found:
                setting.log.note("formulas", form=form, cell=cell)
    report = _kinds(said["html"]) - _kinds(
        magcheck(["batch", "benign.jsonl", "-q", "-f", "html"], work, work).stdout.decode()
    )
    pages = [
        magcheck(["evaluate", f"{name}.jsonl", "--html", "--bootstrap", "0"], work, work).stdout.decode()
        for name in ("gold", "benign-gold")
    ]
    report |= _kinds(pages[0]) - _kinds(pages[1])
    for kind in sorted(report):
        setting.log.note("markup", tag=kind[0], attributes=kind[1:])
    if not pages[0] or not said["html"]:
        raise RuntimeError("no page was written")
    loose = [line for line in said["markdown"].split("\n") if re.search(r"<(?!br>)|(?<!\\)[\[`]|(?<!\\)\]\(", line)]
    raw = sum(not (one.isprintable() or one == "\n") for one in said["text"])
    return [
        none_of("formulas in CSV and TSV", run_by_sheet + (cells == 0), cells, "cells"),
        none_of("tags or handlers from data in HTML", len(report), len(fields) + len(texts), "rows"),
        none_of("HTML or links from data in Markdown", len(loose), said["markdown"].count("\n"), "lines"),
        none_of("control characters from data in text for the terminal", raw, len(said["text"]), "characters"),
    ]


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?", cell) is not None


def _kinds(text: str) -> set[tuple[str, ...]]:
    """Return the kinds of tag in a page, each with its attributes' names, and where links lead out of it."""
    return {
        (tag, *sorted(name for name, _ in attrs), *_out(attrs))
        for tag, attrs in page(text).tags
        # What is drawn differs with the figures; a shape does harm only by a handler or a link.
        if tag not in _SHAPES or any(name.startswith("on") for name, _ in attrs) or _out(attrs)
    }


def _out(attrs: list[tuple[str, str | None]]) -> list[str]:
    return [value or "" for name, value in attrs if name in _LINKS and (value or "")[:1] != "#"]
