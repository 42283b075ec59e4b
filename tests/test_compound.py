from __future__ import annotations

import numpy as np
import pytest

from magcheck import Checker
from magcheck.compound import mixed, opinions, parts_of
from magcheck.training.opinions import mixing_of


@pytest.mark.parametrize(
    ("statement", "parts"),
    [
        ("Magnesium prevents ALS", []),
        ("Magnesium eases cramps and spasms", []),
        ("Mg is needed for health, but it prevents ALS", ["magnesium is needed for health", "magnesium prevents als"]),
        ("Mice got magnesium; they lived no longer", ["mice got magnesium", "they lived no longer"]),
        ("Mg is safe, and ALS is rare. Do we know why?", ["magnesium is safe", "als is rare", "do we know why"]),
    ],
)
def test_a_compound_statement_is_parted_into_its_claims(checker: Checker, statement: str, parts: list[str]) -> None:
    model = checker.model
    found = parts_of(model.reader.read(statement), model.lexicon)
    assert [" ".join(part.surfaces) for part in found] == parts


def test_opinions_are_those_of_independent_parts() -> None:
    whole = np.array([[0.7, 0.1, 0.1, 0.1]])
    parts = np.array([[0.9, 0.1, 0.0, 0.0], [0.2, 0.5, 0.1, 0.2]])
    said = np.exp(opinions(whole, parts, np.array([0, 0])))
    assert said[0] == pytest.approx([0.7, 0.1, 0.1, 0.1, 0.18, 0.55, 0.27, 0.1, 0.2])


def test_without_weights_the_whole_decides() -> None:
    whole = np.array([[0.7, 0.1, 0.15, 0.05], [0.2, 0.3, 0.4, 0.1]])
    said = opinions(whole, whole, np.array([0, 1]))
    assert mixed(said, np.zeros((10, 4))) == pytest.approx(whole)
    assert mixing_of(said[:0], np.array([], dtype=np.intp)) == pytest.approx(0)


def test_parts_are_weighed_as_examples_teach() -> None:
    random = np.random.default_rng(0)
    whole = random.dirichlet(np.ones(4), 400)
    parts = random.dirichlet(np.full(4, 0.2), 400)
    said = opinions(whole, parts, np.arange(400))
    learnt = mixing_of(said, parts.argmax(axis=1))
    assert (mixed(said, learnt).argmax(axis=1) == parts.argmax(axis=1)).mean() > 0.85
    assert (whole.argmax(axis=1) == parts.argmax(axis=1)).mean() < 0.4


def test_the_weakest_part_decides(checker: Checker) -> None:
    verdict = checker.check("Magnesium matters for general health, but it prevents ALS")
    assert verdict.label == "unsupported"


def test_a_second_opinion_does_not_depend_on_company(checker: Checker) -> None:
    statements = ["Magnesium matters for health, but it prevents ALS", "Hello", "Mg is good; it may cure ALS"]
    together = list(checker.check_many(statements))
    assert together == [checker.check(statement) for statement in statements]
