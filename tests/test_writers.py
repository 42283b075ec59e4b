from __future__ import annotations

import csv
import errno
import html.parser
import io
import json
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magcheck import Checker, Passage, Verdict
from magcheck.errors import InputError, MagcheckError
from magcheck.files.keeper import Keeper, Rows
from magcheck.files.output import FileOutput, StreamOutput, Written, read_written
from magcheck.files.readers import read_rows
from magcheck.files.rows import OutputRow, input_names
from magcheck.files.tables import escape, unescape
from magcheck.files.writers import Writer, choose_format, open_writer, to_json

STREAMED = ("text", "json", "jsonl", "csv", "tsv", "markdown")
DATA = ("json", "jsonl", "csv", "tsv")
AWKWARD = '=SUM(A1), "quoted" | ' r"\back <b>bold</b> *x* " "two\nlines\r\tand ünïcode \u2028 end"


def verdict(statement: str, label: str = "unsupported") -> Verdict:
    passage = Passage("7.1.1", "Conclusion", "It does not prevent it.", ("7.1.1", "1.2.3"), 0.91)
    basis = {"supported": "asserted", "unsupported": "contradicted", "uncertain": "hedged"}[label]
    chances = {"supported": 0.01, "unsupported": 0.97, "uncertain": 0.02}
    return Verdict(statement, label, basis, 0.97, chances, (passage,))


def row(number: int, statement: str, **fields: Any) -> OutputRow:
    return OutputRow(number, verdict(statement), None, fields | {"statement": statement}, statement)


ROWS = [
    row(1, "Magnesium prevents ALS", id="=1+1", note="-5"),
    row(2, AWKWARD, id="'=x", note=None),
    OutputRow(3, None, "line 3: the statement is empty", {"statement": "", "id": "3"}, ""),
    OutputRow(4, verdict("Mg eases cramps", "supported"), None, {"statement": "Mg eases cramps"}, "Mg eases cramps"),
]
COLUMNS = ("statement", "id", "note")


def written(name: str, rows: list[OutputRow] = ROWS) -> bytes:
    stream = io.BytesIO()
    writer = open_writer(name, COLUMNS)
    output = StreamOutput(stream, writer)
    for one in rows:
        output.write([writer.row(one)])
    output.close()
    return stream.getvalue()


@pytest.mark.parametrize("name", DATA)
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"out.{name}"
    path.write_bytes(written(name))
    again = list(read_rows(str(path)))
    assert [one.statement for one in again] == [one.statement for one in ROWS]
    assert [one.fields.get("id") or "" for one in again] == ["=1+1", "'=x", "3", ""]
    assert [one.fields["label"] or None for one in again] == ["unsupported", "unsupported", None, "supported"]
    assert [one.fields.get("error") or None for one in again] == [None, None, "line 3: the statement is empty", None]


@pytest.mark.parametrize("name", DATA)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_any_text_is_read_again(tmp_path: Path, name: str, statements: list[str], note: str) -> None:
    path = tmp_path / f"out.{name}"
    path.write_bytes(written(name, [row(at, text, note=note) for at, text in enumerate(statements)]))
    again = list(read_rows(str(path)))
    assert [one.fields["statement"] for one in again] == statements
    assert [one.fields["note"] for one in again] == [note] * len(statements)


@given(st.text())
def test_no_cell_is_run_and_each_is_given_back(cell: str) -> None:
    escaped = escape(cell)
    assert unescape(escaped) == cell
    assert escaped[:1] not in {*"=+-@\t\r\n＝＋－＠"} or escaped.lstrip("+-")[:1].isdecimal()


def test_cells_of_csv_are_harmless_to_a_spreadsheet() -> None:
    cells = next(csv.DictReader(io.StringIO(written("csv").decode(), newline="")))
    assert (cells["id"], cells["note"], cells["probability_unsupported"]) == ("'=1+1", "-5", "0.97")
    assert (cells["passage_id"], cells["passage_source"]) == ("7.1.1", "7.1.1 1.2.3")


def test_json_is_the_fields_and_then_the_verdict() -> None:
    first, _, third, _ = json.loads(written("json"))
    assert first == {"id": "=1+1", "note": "-5"} | verdict("Magnesium prevents ALS").to_dict()
    assert third == {"statement": "", "id": "3", "label": None, "error": "line 3: the statement is empty"}
    assert [json.loads(line) for line in written("jsonl").splitlines()] == json.loads(written("json"))


def test_a_field_named_like_an_answer_comes_through_under_another_name() -> None:
    one = OutputRow(1, verdict("Mg"), None, {"claim": "Mg", "label": "gold", "statement": "other"}, "Mg")
    shown = one.to_dict()
    assert (shown["input_label"], shown["label"]) == ("gold", "unsupported")
    assert (shown["input_statement"], shown["statement"]) == ("other", "Mg")
    writer = open_writer("csv", ("claim", "label", "statement"), "claim")
    head, cells = (next(csv.reader([text])) for text in (writer.opening, writer.row(one)))
    named = dict(zip(head, cells, strict=True))
    assert [named[name] for name in ("input_label", "label", "input_statement", "statement")] == [
        "gold", "unsupported", "other", "Mg",
    ]  # fmt: skip


@given(st.lists(st.sampled_from(["a", "label", "input_label", "input_input_label", "b"]), unique=True))
def test_names_of_fields_stay_apart(names: list[str]) -> None:
    shown = input_names(names, {"label"})
    assert len({*shown, "label"}) == len(names) + 1


def test_what_json_cannot_carry_as_it_is_goes_out_as_an_escape() -> None:
    stream = io.BytesIO()
    for name in ("jsonl", "csv"):
        writer = open_writer(name, COLUMNS)
        StreamOutput(stream, writer).write([writer.row(row(1, "lone \ud800"))])
    assert stream.getvalue().count(b"lone \\ud800") == 2
    assert json.loads(stream.getvalue().splitlines()[0])["statement"] == "lone \ud800"


@pytest.mark.parametrize("name", DATA)
def test_on_a_terminal_data_is_tame_and_in_a_file_as_it_came(name: str) -> None:
    hostile = "red \x1b[31m, \x9b2J, \u202eback\rwards, \x07 and ♞"
    shown, kept = io.BytesIO(), io.BytesIO()
    writer = open_writer(name, COLUMNS)
    for stream, tame in ((shown, True), (kept, False)):
        StreamOutput(stream, writer, tame=tame).write([writer.row(row(1, hostile))])
    assert all(one.isprintable() or one in "\t\n" for one in shown.getvalue().decode())
    assert "♞" in shown.getvalue().decode()
    assert "\u202e" in kept.getvalue().decode()


def test_json_is_that_of_the_row(checker: Checker) -> None:
    statements = ["Magnesium prevents ALS", "Mg “eases” cramps \ud83d\ude00 \n", "lone \ud800", "Turmeric slows ALS"]
    for explain in (False, True):
        for fields in ({}, {"id": 7, "passages": [], "relevance": 0.0}, {"statement": "other"}):
            for statement in statements:
                one = OutputRow(1, checker.check(statement, explain=explain), None, fields, statement)
                for writer in (open_writer("json"), open_writer("jsonl")):
                    assert writer.row(one).rstrip("\n") == to_json(one.to_dict())
                    assert json.loads(writer.row(one))["passages"] == one.to_dict()["passages"]


def test_markdown_is_a_table_whatever_stands_in_it() -> None:
    head, rule, *rows = written("markdown").decode().splitlines()
    assert rule == "|" + " --- |" * 15
    assert len(rows) == 4
    for line in (head, *rows):
        assert line.replace("\\|", "").count("|") == 16
    assert "&lt;b&gt;bold&lt;/b&gt; \\*x\\*" in rows[1]

    class Tags(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag == "br"

    Tags().feed("".join(rows))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csv", "csv"), ("a.JSONL", "jsonl"), ("a.md", "markdown"), ("a.htm", "html"), ("a.txt", "text")],
)
def test_the_name_tells_the_format(name: str, expected: str) -> None:
    assert choose_format(Path(name), "text") == expected


def test_a_name_that_tells_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="--format"):
        choose_format(Path("out"), "text")
    with pytest.raises(InputError, match="row by row"):
        open_writer("html")


def write_file(path: Path, writer: Writer, rows: list[OutputRow], found: Written | None = None) -> None:
    output = FileOutput(path, writer, found)
    output.write([writer.row(one) for one in rows])
    output.close()


@pytest.mark.parametrize("name", STREAMED)
def test_a_file_is_whole_after_every_row(tmp_path: Path, name: str) -> None:
    path, writer = tmp_path / "out", open_writer(name, COLUMNS)
    output = FileOutput(path, writer)
    assert path.read_bytes() == written(name, [])
    for count, one in enumerate(ROWS, 1):
        output.write([writer.row(one)])
        until = time.monotonic() + 60
        while path.stat().st_size < len(written(name, ROWS[:count])):
            assert time.monotonic() < until
        assert path.read_bytes() == written(name, ROWS[:count])
    output.close()


@pytest.mark.parametrize("name", STREAMED)
def test_wherever_a_file_was_cut_off_it_is_gone_on_with(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("magcheck.files.output.Keeper", Rows)  # As where no other process can be started.
    path, writer, whole = tmp_path / "out", open_writer(name, COLUMNS), written(name)
    counts = set()
    for cut in (*range(0, len(whole), 7), len(whole)):
        path.write_bytes(whole[:cut])
        found = read_written(path, writer)
        assert found.labels.total() == found.count
        assert found.some == {at: writer.row(ROWS[at - 1]) for at in range(1, found.count + 1)}
        write_file(path, writer, ROWS[found.count :], found)
        assert path.read_bytes() == whole
        counts.add(found.count)
    assert counts == {0, 1, 2, 3, 4}
    assert dict(found.labels) == {"unsupported": 2, None: 1, "supported": 1}


@pytest.mark.parametrize("name", ["json", "jsonl", "csv", "markdown"])
def test_a_file_of_another_kind_is_not_gone_on_with(tmp_path: Path, name: str) -> None:
    path = tmp_path / "out"
    path.write_text("Dear diary,\ntoday nothing\n")
    with pytest.raises(InputError, match="without --resume"):
        read_written(path, open_writer(name, COLUMNS))
    assert path.read_text().startswith("Dear diary")


def test_a_message_broken_off_by_a_kill_leaves_nothing_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with path.open("w+b") as file:
        keeper = Keeper(file.fileno(), 0, 0, b"", b"")
        keeper.keep([b"one\n", b"two\n"])
        stdin = keeper._process.stdin
        assert stdin
        stdin.write(struct.pack("<QQQ", 2, 6, 5) + b"three\nfo")
        keeper.end()
        assert keeper.count == 2
    assert path.read_bytes() == b"one\ntwo\n"


def test_rows_are_kept_while_there_is_room(tmp_path: Path) -> None:
    path, size = tmp_path / "out", 3 * 4096 + 10
    code = (
        "import os, resource, sys; from magcheck.files.keeper import Keeper\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
        f"file = os.open({str(path)!r}, os.O_RDWR | os.O_CREAT); keeper = Keeper(file, 0, 0, b',', b']')\n"
        "try:\n    keeper.keep([b'x' * 1000] * 40); keeper.end()\n"
        "except OSError as error:\n    print(keeper.count, error.errno)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["12", str(errno.EFBIG)]
    assert path.read_bytes() == b",".join([b"x" * 1000] * 12) + b"]"


def test_a_file_that_another_run_writes_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("magcheck.files.output.PATIENCE", 0.1)
    path, writer = tmp_path / "out", open_writer("jsonl", COLUMNS)
    output = FileOutput(path, writer)
    for refused in (lambda: FileOutput(path, writer), lambda: read_written(path, writer)):
        with pytest.raises(InputError, match="another run writes to it"):
            refused()
    output.write([writer.row(ROWS[0])])
    output.close()
    assert path.read_bytes() == written("jsonl", ROWS[:1])


def test_a_killed_writer_is_told(tmp_path: Path) -> None:
    path, writer = tmp_path / "out", open_writer("jsonl", COLUMNS)
    output = FileOutput(path, writer)
    assert isinstance(output._rows, Keeper)
    output._rows._process.kill()
    output._rows._process.wait()
    with pytest.raises(MagcheckError, match=r"ended from outside.*--resume"):
        output.write([writer.row(one) for one in ROWS] * 200)
    with pytest.raises(MagcheckError, match="ended from outside"):
        output.close()
