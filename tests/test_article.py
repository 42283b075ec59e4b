from __future__ import annotations

from pathlib import Path

import pytest

from magcheck.article import align
from magcheck.corpus import Corpus
from magcheck.errors import InputError
from magcheck.reading import Reader

# An article of the test's own: three sentences that three passages restate, and one that none does.
ARTICLE = """A heading that says little
A big pooled study put together five long cohorts with over 1,050,000 people in them for 15 years.
The weather in the city was lovely throughout, and the trams ran on time.
| Aspect | The blood-brain barrier strictly controls which substances may get into the brain. |
Lead can take the place of magnesium in biological processes of the body.
"""


def test_each_passage_finds_its_sentence(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "article.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    passages = [{"id": p.id, "text": p.text} for p in corpus.passages if p.id in ("1.2.1", "3.3.1", "4.1.2b", "6.4.1")]
    found = align(path, passages, Reader(corpus.lexicon))
    assert found["1.2.1"] is not None
    assert found["1.2.1"].startswith("A big pooled study")
    assert found["3.3.1"] == "The blood-brain barrier strictly controls which substances may get into the brain."
    assert found["4.1.2b"] is not None
    assert found["4.1.2b"].startswith("Lead can take")
    assert found["6.4.1"] is None


def test_an_unreadable_article_is_named(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt: cannot be read"):
        align(tmp_path / "none.txt", [], Reader(corpus.lexicon))
