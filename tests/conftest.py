from __future__ import annotations

from pathlib import Path

import pytest

from magcheck import Checker
from magcheck.corpus import Corpus, load

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checker() -> Checker:
    return Checker.load()


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load()
