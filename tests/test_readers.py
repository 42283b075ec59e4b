from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magcheck.errors import InputError
from magcheck.files import KINDS
from magcheck.files.readers import Reader, read_rows
from magcheck.files.sources import LONGEST_LINE, Source

M = "Magnesium prevents ALS"


def read(path: Path, content: bytes | str, **options: Any) -> list[tuple[str | None, str | None]]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [(row.statement, row.error) for row in read_rows(str(path), **options)]


def statements(path: Path, content: bytes | str, **options: Any) -> list[str | None]:
    return [statement for statement, error in read(path, content, **options) if error is None]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", f"{M}\nit is so"),
        ("a.txt", f"{M}\r\nit is so\r\n"),
        ("a.csv", f"statement\n{M}\nit is so\n"),
        ("a.csv", f"id,Claim,note\n1,{M},x\n2,it is so,y\n"),
        ("a.csv", f'id;text\r\n1;"{M}"\r\n2;it is so\r\n'),
        ("a.csv", f"id|sentence\n1|{M}\n2|it is so\n"),
        ("a.csv", f"id\tclaim\n1\t{M}\n2\tit is so\n"),
        ("a.tsv", f"id\tstatement\n1\t{M}\n2\tit is so\n"),
        ("a.jsonl", f'"{M}"\n{{"statement": "it is so", "n": 1}}\n'),
        ("a.ndjson", f'{{"id": 1, "claim": "{M}"}}\n{{"text": "it is so", "n": 1}}\n'),
        ("a.json", f'["{M}",\n {{"statement": "it is so"}}]'),
        ("a.json", f'{{"statement": "{M}"}} {{"statement": "it is so"}}'),
        ("unnamed", f"{M}\nit is so\n"),
        ("unnamed", f'"{M}"\n"it is so"\n'),
        ("unnamed", f'{{"statement": "{M}"}}\n{{"statement": "it is so"}}\n'),
        ("unnamed", f'[\n{{"statement": "{M}"}}, "it is so"]\n'),
    ],
)
def test_every_kind_is_read(tmp_path: Path, name: str, content: str) -> None:
    assert read(tmp_path / name, content) == [(M, None), ("it is so", None)]
    assert read(tmp_path / f"{name}.gz", gzip.compress(content.encode())) == [(M, None), ("it is so", None)]


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.json"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, name: str, encoding: str) -> None:
    content = {
        "a.txt": "Naïve: Mg für ALS\n",
        "a.csv": "statement\nNaïve: Mg für ALS\n",
        "a.jsonl": '"Naïve: Mg für ALS"\n',
        "a.json": '["Naïve: Mg für ALS"]',
    }[name]
    assert read(tmp_path / name, content.encode(encoding)) == [("Naïve: Mg für ALS", None)]


def test_latin_1_is_told_row_by_row_and_read_where_it_is_named(tmp_path: Path) -> None:
    content = "Naïve\nplain\n".encode("latin-1")
    (_, fault), plain = read(tmp_path / "a.txt", content)
    assert fault is not None
    assert "line 1: byte 0xef" in fault
    assert "--encoding latin-1" in fault
    assert plain == ("plain", None)
    assert statements(tmp_path / "a.txt", content, encoding="latin-1") == ["Naïve", "plain"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", M.encode("utf-16-le"), "utf-16-le"),
        ("a.txt", b"%PDF-1.7 \x00", "is a PDF file"),
        ("a.csv", b"PK\x03\x04 \x00", "zip or Office file"),
        ("a.csv", b"id,body\n1,x\n", "'id', 'body'"),
        ("a.csv", b"id,body\n1,x\n", "has no column 'statement'"),
        ("a.csv", f"{M}\nit is so\n".encode(), "--no-header"),
        ("a.json", b'["a", "b"', "within its array"),
        ("a.json", b'["a", {"b" 1}, "c"]', "element 2 is broken JSON"),
        ("a.txt.gz", gzip.compress(b"a\n" * 999, mtime=0)[:-9], "cannot be read to its end"),
        ("a.xlsx", b"PK\x03\x04 \x00", "is no workbook"),
        ("a.md", M.encode(), "--prose"),
    ],
)
def test_what_cannot_be_read_says_so(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    if name.endswith("xlsx"):
        pytest.importorskip("openpyxl")
    with pytest.raises(InputError, match=words):
        read(tmp_path / name, content)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("none.txt", {}, "No such file"),
        (".", {}, "is a folder"),
        ("a.txt", {"encoding": "klingon"}, "klingon"),
        ("a.txt", {"encoding": "base64"}, "base64: Python knows no such encoding of text"),
        ("a.txt", {"encoding": "utf-16"}, "a.txt: cannot be read to its end"),
        ("a.txt", {"encoding": "undefined"}, "a.txt: cannot be read to its end"),
    ],
)
def test_what_cannot_be_opened_says_so(tmp_path: Path, name: str, options: dict[str, str], words: str) -> None:
    (tmp_path / "a.txt").write_text(M)
    with pytest.raises(InputError, match=words):
        list(read_rows(str(tmp_path / name), **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{"id": 2}', "has no field 'statement'; it has"),
        ('{"id": 2, "n": 1}', "it has 'id', 'n'"),
        ('{"statement": null}', "has no statement"),
        ('{"statement": ""}', "is empty"),
        ('{"statement": " \\t"}', "is empty"),
        ('{"statement": 5}', "is a number, not text"),
        ('{"statement": true}', "is true or false"),
        ('{"statement": ["x"]}', "is a list"),
        ("5", "is a number"),
        ("null", "has no statement"),
        ("[]", "is a list"),
        ("{broken", "broken JSON"),
        ("", "the line is empty"),
        ("NaN", "broken JSON"),
        ('{"statement": "x", "n": 1e999}', "broken JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('"' + "x" * LONGEST_LINE + '"', "longer than 1,048,576"),
    ],
)
def test_a_bad_row_of_json_lines_stands_in_its_place(tmp_path: Path, row: str, words: str) -> None:
    before, (_, fault), after = read(tmp_path / "a.jsonl", f'"{M}"\n{row}\n"it is so"\n')
    assert (before, after) == ((M, None), ("it is so", None))
    assert fault is not None
    assert fault.startswith("line 2: ")
    assert words in fault


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2,", "the statement is empty"),
        ("2", "has no statement"),
        ("", "the row is empty"),
        (",", "the row is empty"),
        ("2,magnesium, they say, helps", "has 4 cells for 2 columns"),
        ('2,"it never ends', "quote is not closed"),
        ('2,"it never ends, nor\nthis,"', None),
    ],
)
def test_a_bad_row_of_a_table_stands_in_its_place(tmp_path: Path, row: str, words: str | None) -> None:
    rows = read(tmp_path / "a.csv", f"id,statement\n1,{M}\n{row}\n3,it is so\n4,and so is this\n")
    assert rows[0] == (M, None)
    assert rows[-2:] == [("it is so", None), ("and so is this", None)]
    if words:
        assert len(rows) == 4
        assert rows[1][1] is not None
        assert rows[1][1].startswith("line 3: ")
        assert words in rows[1][1]


def test_undecodable_bytes_cost_one_row(tmp_path: Path) -> None:
    for name, head in (("a.txt", b""), ("a.csv", b"statement\n"), ("a.jsonl", b"")):
        quote = b'"' if name == "a.jsonl" else b""
        content = head + b"".join(quote + text + quote + b"\n" for text in (b"one", b"tw\xff\xfeo", b"three"))
        rows = read(tmp_path / name, content)
        assert [statement for statement, _ in (rows[0], rows[2])] == ["one", "three"]
        assert rows[1][1] is not None
        assert "byte 0xff" in rows[1][1]
    rows = read(tmp_path / "a.json", b'["one", "tw\xffo", "three"]')
    assert [error is None for _, error in rows] == [True, False, True]


def test_cells_keep_line_ends_delimiters_and_quotes(tmp_path: Path) -> None:
    content = 'id,statement\n1,"two\nlines, ""quoted"""\n2,"Mg" helps\n3,5" of it\n'
    assert statements(tmp_path / "a.csv", content) == ['two\nlines, "quoted"', "Mg helps", '5" of it']
    numbers = [row.number for row in read_rows(str(tmp_path / "a.csv"))]
    assert numbers == [2, 4, 5]


def test_one_column_of_statements_with_commas_is_one_column(tmp_path: Path) -> None:
    assert statements(tmp_path / "a.csv", 'claim\nMg, they say, helps\n"so; it, is"\n') == [
        "Mg, they say, helps",
        "so; it, is",
    ]


def test_columns_can_be_named_and_headers_be_missing(tmp_path: Path) -> None:
    content = f"who,what\nme,{M}\n"
    assert statements(tmp_path / "a.csv", content, column="what") == [M]
    assert statements(tmp_path / "a.csv", content, column="2", header=False) == ["what", M]
    assert statements(tmp_path / "b.csv", f"{M}\nit is so\n", header=False) == [M, "it is so"]
    with pytest.raises(InputError, match="has no column 'why'"):
        read(tmp_path / "a.csv", content, column="why")


def test_every_field_comes_along(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,,id,statement\n1,x,2,Mg\n")
    assert [row.fields for row in read_rows(str(path))] == [
        {"id": "1", "column 2": "x", "id (2)": "2", "statement": "Mg"}
    ]
    path = tmp_path / "a.jsonl"
    path.write_text('{"n": 1, "statement": "Mg"}\n"Mg"\n{"m": {"deep": [1]}, "statement": "Mg"}\n')
    with Source(str(path)) as source:
        reader = Reader(source)
        assert reader.columns() == ["n", "statement", "m"]
        assert [row.fields.get("m") for row in reader] == [None, None, {"deep": [1]}]


def test_json_comes_in_pieces_of_any_size(tmp_path: Path) -> None:
    values = [{"statement": M, "pad": "ä" * size, "n": size} for size in (0, 70_000, 3, 200_000)] + [M, M]
    path = tmp_path / "a.json"
    for indent in (None, 2):
        path.write_text(json.dumps(values, ensure_ascii=False, indent=indent), encoding="utf-8")
        assert [row.statement for row in read_rows(str(path))] == [M] * 6


def test_a_sheet_is_read(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for cells in (("id", "statement"), (1, M), (2, None), (3, 4.5)):
        book.active.append(cells)
    book.save(tmp_path / "a.xlsx")
    rows = [(row.statement, row.fields["id"], row.error) for row in read_rows(str(tmp_path / "a.xlsx"))]
    assert rows == [
        (M, 1, None),
        (None, 2, "row 3: has no statement"),
        (None, 3, "row 4: the statement is a number, not text"),
    ]


def test_a_sheet_without_openpyxl_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"magcheck\[xlsx\]"):
        read(tmp_path / "a.xlsx", b"PK\x03\x04 \x00")


@pytest.mark.parametrize("content", [f"{M}\n".encode(), f'["{M}"]'.encode(), gzip.compress(f"{M}\n".encode(), mtime=0)])
def test_standard_input_is_read_once_and_kept_where_it_must_be(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    with Source("-") as source:
        reader = Reader(source)
        assert source.live
        assert reader.columns() == []
        assert [row.statement for row in reader] == [M]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("md", "xlsx")])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.one_of(st.binary(), st.text(alphabet='[]{},:;\t\n\r"\\ aä1-.', max_size=80).map(str.encode)))
def test_any_bytes_are_read_or_refused(tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        rows = list(read_rows(str(path), kind=kind))
    except InputError:
        return
    assert all(row.error or (row.statement and row.statement.strip()) for row in rows)
    assert [row.number for row in rows] == sorted({row.number for row in rows})


def test_what_is_named_gzip_and_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv.gz"
    path.write_text("claim\nMagnesium prevents ALS\n")
    with pytest.raises(InputError, match="named like gzip"):
        list(read_rows(str(path)))
