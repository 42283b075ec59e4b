"""The report: what the page holds, that nothing in it can do harm, and, in a browser, that it works."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magcheck.files.report import FIRST_ROWS, write_report
from magcheck.files.rows import OutputRow
from magcheck.verdict import LABEL_OF, Passage, Verdict

HOSTILE = '<script>alert(1)</script> & "it\'s" <!-- </script><img src=x onerror=alert(2)> \ud800 \x00 \u2028'
DOCUMENT = [
    {
        "id": "1.1",
        "section": "First",
        "text": "Magnesium does <b>not</b> prevent ALS.",
        "source": ["1.1"],
        "stance": "denies",
    },
    {"id": "1.2", "section": "First", "text": "It may ease cramps.", "source": ["1.2"], "stance": "possible"},
    {"id": "2.1", "section": "Second", "text": "Nobody cites this.", "source": ["2.1"], "stance": "reports"},
]


def whole(text: str) -> str:
    """Return `text` as a page can hold it, with a sign in the place of half characters."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def passage(at: int, relevance: float) -> Passage:
    one = DOCUMENT[at]
    return Passage(str(one["id"]), str(one["section"]), str(one["text"]), ("x",), relevance)


def answer(
    number: int,
    statement: str,
    basis: str = "contradicted",
    passages: Sequence[Passage] = (passage(0, 0.9), passage(1, 0.2)),
    fields: dict[str, Any] | None = None,
) -> OutputRow:
    label = LABEL_OF[basis]
    chances = {"supported": 0.02, "unsupported": 0.02, "uncertain": 0.02} | {label: 0.96}
    return OutputRow(
        number, Verdict(statement, label, basis, 0.96, chances, tuple(passages)), None, fields or {}, statement
    )


def report(rows: Sequence[OutputRow], title: str = "A title", document: Sequence[dict[str, Any]] = DOCUMENT) -> str:
    stream = io.StringIO()
    write_report(rows, stream, document=document, title=title, model_info="A model")
    return stream.getvalue()


class Page(HTMLParser):
    """The elements of a page, its texts, and its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._raw = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._raw = tag in ("script", "style")
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.texts.append(data)
        elif self.elements[-1][0] == "script":
            self.scripts[-1] += data

    def having(self, name: str, value: str) -> list[tuple[str, dict[str, str | None]]]:
        return [element for element in self.elements if value in (element[1].get(name) or "").split()]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(json.loads(self.scripts[0]))


ROWS = [
    answer(1, "Magnesium prevents ALS", fields={"claim": "Magnesium prevents ALS", "id": 12345678901234567890}),
    answer(2, "It does not", "asserted"),
    answer(
        3, "It eases cramps", "hedged", [passage(1, 0.8), passage(0, 0.7)], {"file": "a.md", "line": 3, "column": 9}
    ),
    answer(4, "Turmeric does", "not-addressed", fields={"x": float("nan"), "y": None, "z": [1]}),
    OutputRow(5, None, "line 5: the statement is empty", {"id": "e"}, ""),
    answer(6, HOSTILE, fields={HOSTILE: HOSTILE + HOSTILE}),
    OutputRow(7, None, f"line 7: {HOSTILE}", {}, None),
]


def test_every_row_is_in_the_page_in_order() -> None:
    rows = Page(report(ROWS)).rows
    assert [row["n"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["s"] for row in rows] == [
        row.statement if row.statement is None else whole(row.statement) for row in ROWS
    ]
    assert rows[0] == {
        "n": 1,
        "s": "Magnesium prevents ALS",
        "l": 1,
        "b": 1,
        "p": [0.02, 0.96, 0.02],
        "c": [[0, 0.9], [1, 0.2]],
        "k": 1,
        "f": {"id": "12345678901234567890"},
    }
    assert [row.get("k") for row in rows] == [1, 1, 2, 0, None, 1, None]
    assert rows[2]["f"] == {"file": "a.md", "line": "3", "column": "9"}
    assert rows[3]["f"] == {"x": "NaN", "z": "[1]"}
    assert rows[4] == {"n": 5, "s": "", "e": "line 5: the statement is empty", "f": {"id": "e"}}


def test_the_page_says_how_many_of_each_there_are_without_its_script() -> None:
    page = report(ROWS)
    text = re.sub(r"\s+", " ", " ".join(Page(page).texts))
    assert (
        "Of 7 statements , the document supports 1 and contradicts 2 . It leaves 1 open, and does not say what "
        "would settle 1 . 2 could not be checked."
    ) in text
    assert 'aria-label="1 supported (14 %), 2 unsupported (29 %), 2 uncertain (29 %), 2 not checked (29 %)"' in page
    assert "2 of 3 passages cited" in text
    assert "cited for 4 statements: 1 supported, 2 unsupported, 1 uncertain" in text
    assert text.count("Nobody cites this.") == 1


def test_every_text_that_came_in_is_escaped() -> None:
    page = report(ROWS, title=HOSTILE, document=[{"id": HOSTILE, "section": HOSTILE, "text": HOSTILE}])
    parsed = Page(page)
    plain = Page(report([]))
    assert len(parsed.scripts) == len(plain.scripts) == 3
    assert not [tag for tag, attributes in parsed.elements if tag == "img" or "onerror" in attributes]
    assert parsed.rows[5]["s"] == whole(HOSTILE)
    assert parsed.rows[5]["f"] == {whole(HOSTILE): whole(HOSTILE + HOSTILE)}
    assert "<script>alert(1)</script>" in "".join(parsed.texts)
    assert page.encode("utf-8").count(b"\x00") == 0


@given(text=st.text(alphabet=st.characters(exclude_categories=[])), basis=st.sampled_from(sorted(LABEL_OF)))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_through(text: str, basis: str) -> None:
    page = report([answer(1, text, basis, fields={text: f"{text}!"}), OutputRow(2, None, text, {}, text)])
    page.encode("utf-8")
    one, two = Page(page).rows
    assert (one["s"], two["s"], two["e"]) == (whole(text),) * 3
    assert one["f"] == {whole(text): f"{whole(text)}!"}


def test_the_page_fetches_nothing_and_lets_only_its_own_script_run() -> None:
    page = report(ROWS)
    parsed = Page(page)
    (policy,) = [str(a["content"]) for tag, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    digest = base64.b64encode(hashlib.sha256(parsed.scripts[-1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:|//)|url\((?!#)|@import|fetch\(|XMLHttp", page)
    assert not [
        tag for tag, attributes in parsed.elements if "style" in attributes or any(a[:2] == "on" for a in attributes)
    ]


def test_passages_that_the_document_lacks_are_shown_too() -> None:
    parsed = Page(report([answer(1, "x", passages=[Passage("9.9", "Elsewhere", "Other text.", ("9.9",), 0.6)])]))
    assert parsed.rows[0]["c"] == [[3, 0.6]]
    assert json.loads(parsed.scripts[1])[3] == {"id": "9.9", "section": "Elsewhere", "text": "Other text."}
    assert parsed.having("id", "p-3")


def test_without_rows_there_is_still_a_page() -> None:
    parsed = Page(report([]))
    assert parsed.rows == []
    assert "0 statements" in parsed.texts


def test_links_and_labels_lead_somewhere() -> None:
    parsed = Page(report(ROWS))
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in parsed.elements:
        for name in ("href", "aria-labelledby"):
            target = attributes.get(name)
            assert target is None or target.removeprefix("#") in ids
    assert {tag for tag, _ in parsed.elements} >= {"header", "main", "aside", "footer", "nav", "h1", "h2", "h3"}
    assert parsed.having("aria-live", "polite")


def test_rows_are_taken_one_by_one_and_kept_small() -> None:
    stream = io.StringIO()
    taken: list[int] = []

    def rows() -> Iterator[OutputRow]:
        for number in range(1, 1001):
            taken.append(stream.tell())
            yield answer(number, f"Statement {number}")

    write_report(rows(), stream, document=DOCUMENT, title="t", model_info="m")
    assert all(before < after for before, after in pairwise(taken))
    assert (taken[-1] - taken[1]) / 998 < 120
    parsed = Page(stream.getvalue())
    assert len(parsed.having("class", "number")) == FIRST_ROWS + 1
    assert any(f"the other {1000 - FIRST_ROWS} where" in text for text in parsed.texts)


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)


def run(page: str, driver: str, folder: Path) -> dict[str, Any]:
    """Return what `driver`, the body of an async function, returns when it runs in `page`."""
    driver = f"(async () => {{ {driver} }})().then((told) => {{ document.title = JSON.stringify(told); }});"
    digest = base64.b64encode(hashlib.sha256(driver.encode()).digest()).decode()
    page = page.replace("script-src ", f"script-src 'sha256-{digest}' ").replace(
        "</body>", f"<script>{driver}</script></body>"
    )
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    switches = "--headless --no-sandbox --disable-gpu --no-first-run --disable-sync --disable-component-update"
    command = [str(BROWSER), *switches.split(), "--disable-background-networking", "--virtual-time-budget=4000"]
    command += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert told is not None
    return dict(json.loads(told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")))


@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_in_a_browser_the_page_filters_searches_and_links(tmp_path: Path) -> None:
    many = [*ROWS, *(answer(number, f"Statement {number}", "asserted") for number in range(8, 10_001))]
    told = run(
        report(many),
        """
        const get = (selector) => document.querySelector(selector);
        const all = (selector) => [...document.querySelectorAll(selector)];
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        const told = { loaded: performance.now(), shown: all("#list .row").length, count: get("#count").textContent };
        told.hostile = get("#s-6 .statement").textContent;
        told.images = all("img").length;
        get("#show-unsupported").click();
        told.unsupported = all("#list .statement").length;
        get("#show-error").click();
        told.errors = all("#list .basis").map((element) => element.textContent);
        get("#show-all").click();
        get("#search").value = "STATEMENT 999";
        get("#search").dispatchEvent(new Event("input"));
        await wait(300);
        told.found = [get("#count").textContent, get("#list .statement").textContent, get("#list mark").textContent];
        get("#search").value = "";
        get("#search").dispatchEvent(new Event("input"));
        await wait(300);
        get("#last").click();
        told.last = [get("#page").textContent, all("#list .row").at(-1).id];
        get("#first").click();
        get("#s-3 blockquote a").click();
        told.passage = [get(".passage.now").id, document.activeElement.textContent];
        document.activeElement.click();
        told.back = get(".row.now").id;
        all(".tally button")[1].click();
        told.citing = [get("#count").textContent, all("#list .row").map((element) => element.id)];
        get("#citing").click();
        told.again = get("#count").textContent;
        return told;
        """,
        tmp_path,
    )
    assert told.pop("loaded") < 20_000
    assert told == {
        "shown": 50,
        "count": "10,000 statements",
        "hostile": whole(HOSTILE),
        "images": 0,
        "unsupported": 2,
        "errors": ["line 5: the statement is empty", whole(f"line 7: {HOSTILE}")],
        "found": ["19 of 10,000 statements", "Statement 999", "Statement"],
        "last": ["Page 200 of 200", "s-10000"],
        "passage": ["p-1", "↩ statement 3"],
        "back": "s-3",
        "citing": ["1 of 10,000 statements", ["s-3"]],
        "again": "10,000 statements",
    }
