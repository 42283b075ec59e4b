"""Why a verdict fell as it did, in the model's own terms.

What a word did is measured, not guessed: the statement's features are scored again without those that the word took
part in, and the change in the log-odds of the verdict's label is the word's weight (occlusion, Zeiler and Fergus
2014). Nothing is worked out beside the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from magcheck.claim import Claim, claim_of
from magcheck.compound import PRONOUNS
from magcheck.errors import InputError
from magcheck.features import word_features
from magcheck.text import clean, token_spans
from magcheck.verdict import BASES, LABEL_OF, LABELS, Verdict

if TYPE_CHECKING:
    from magcheck.checker import Checker
    from magcheck.model import Model
    from magcheck.reading import Reading

_SHOWN_WORDS = 6
_MEANING = {
    "asserts": "where the document states something as so",
    "denies": "where the document denies something",
    "possible": "where the document holds something possible",
    "reports": "where the document reports something",
}
_KIND_WORDS = {
    "negation": "negated",
    "hedge": "held possible",
    "certainty": "claimed as certain",
    "openness": "left open",
    "question": "asked",
    "attribution": "attributed to someone",
    "contrast": "set against something",
}
_PARTS = re.compile(r"(?<=[.;!?])\s+|\s*[;\u2014]\s*|,?\s+(?:but|while|whereas|although|though|and)\s+", re.IGNORECASE)
_SHORTEST_PART = 3


@dataclass(frozen=True)
class Weight:
    """A stretch of the statement, and how much it spoke for (or, below 0, against) the verdict's label, in log-odds."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class Part:
    """One claim of a compound statement, with the verdict that it would get by itself."""

    text: str
    label: str
    confidence: float
    passage: str | None


@dataclass(frozen=True)
class Explanation:
    """Why a verdict fell as it did.

    Attributes
    ----------
    claim
        What is claimed of what, which way and how strongly.
    read_as
        The concepts that were read, in order.
    manner
        How they are claimed: negated, held possible, asked, and so on.
    weights
        The words that weighed most, heaviest first.
    stance
        The deciding passage and what kind of statement it is, or None where the document does not speak of it.
    runner_up, margin
        The label that came next, and by how much less probable it was.
    parts
        The claims of a compound statement; empty where there is only one.
    """

    claim: Claim
    read_as: tuple[str, ...]
    manner: tuple[str, ...]
    weights: tuple[Weight, ...]
    stance: str | None
    runner_up: str
    margin: float
    parts: tuple[Part, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON-ready values."""
        return {
            "claim": self.claim.to_dict(),
            "read_as": list(self.read_as),
            "manner": list(self.manner),
            "weights": [vars(weight) for weight in self.weights],
            "stance": self.stance,
            "runner_up": self.runner_up,
            "margin": self.margin,
            "parts": [vars(part) for part in self.parts],
        }

    def to_text(self) -> str:
        """Return the explanation in plain words, a line for each point."""
        lines = [f"claimed {self.claim.to_text()}"]
        lines.append(f"read as: {' · '.join(self.read_as) or 'no concept that the lexicon knows'}")
        if self.manner:
            lines.append(f"said how: {', '.join(self.manner)}")
        spoken = [f"“{one.text}” {one.weight:+.2f}" for one in self.weights]
        if spoken:
            lines.append(f"what weighed: {', '.join(spoken)}")
        if self.stance:
            lines.append(f"what it meets: {self.stance}")
        lines.append(f"next likely: {self.runner_up}, less by {self.margin:.2f}")
        lines += [
            f"part: {part.label} ({part.confidence:.2f}) {part.text}" + (f" [{part.passage}]" if part.passage else "")
            for part in self.parts
        ]
        return "\n".join(lines)


def explain(checker: Checker, reading: Reading, verdict: Verdict) -> Explanation:
    """Explain a verdict that `checker` gave for `reading`."""
    kinds = checker.model.lexicon.kinds
    text = clean(verdict.statement)
    places = token_spans(text)
    named = [names[0] for _, _, names in reading.mentions]
    manner = dict.fromkeys(_KIND_WORDS[kinds[name]] for name in named if kinds[name] in _KIND_WORDS)
    ranked = sorted(LABELS, key=verdict.probabilities.__getitem__, reverse=True)
    stance = None
    if verdict.basis != "not-addressed" and verdict.passages:
        stored = {passage["id"]: passage["stance"] for passage in checker.model.meta["passages"]}
        stance = f"passage {verdict.passages[0].id}, {_MEANING[stored[verdict.passages[0].id]]}"
    return Explanation(
        claim=claim_of(reading, checker.model.lexicon, text, places),
        read_as=tuple(name for name in named if kinds[name] != "filler"),
        manner=tuple(manner),
        # That one word claims nothing is not for the model's weights to say.
        weights=() if reading.is_one_word else _weights(checker.model, reading, verdict, text, places),
        stance=stance,
        runner_up=ranked[1],
        margin=round(verdict.confidence - verdict.probabilities[ranked[1]], 6),
        parts=_parts(checker, verdict.statement),
    )


def _weights(
    model: Model, reading: Reading, verdict: Verdict, text: str, places: Sequence[tuple[int, int]]
) -> tuple[Weight, ...]:
    together, _ = model.encoder.encode([reading])
    alone, at = word_features(list(zip(reading.words, reading.surfaces, strict=True)))
    features = np.concatenate((together, alone))
    spots = np.array([spot for _, *spot in model.encoder.origins(reading)], dtype=np.intp).reshape(-1, 2)
    first, last = np.concatenate((spots, np.stack((at, at), axis=1))).T

    # Words that name one concept stand or fall together.
    units = {at: (at, at) for at in range(len(reading.words))}
    for start, end, _ in reading.mentions:
        units.update(dict.fromkeys(range(start, end), (start, end - 1)))
    spans = list(dict.fromkeys(units.values()))
    # Without some words, what is left are the features that end before them and those that begin after them. Both
    # are added up once, word by word, so that the cost grows with the statement and not with its square.
    count = max(len(reading.words), 1) + 1
    before = np.cumsum(model.sums(features, last + 1, count), axis=0)
    after = np.cumsum(model.sums(features, first, count)[::-1], axis=0)[::-1]
    rests = [before[start] + after[end + 1] for start, end in spans]
    whole, *without = (_odds(bases, verdict.label) for bases in model.scaled(np.stack((before[-1], *rests))).bases)
    found: dict[tuple[int, int], float] = {}
    for (start, end), odds in zip(spans, without, strict=True):
        span = places[reading.tokens[start][0]][0], places[reading.tokens[end][1]][1]
        found[span] = found.get(span, 0.0) + whole - odds
    heaviest = sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))[:_SHOWN_WORDS]
    return tuple(
        _located(text[start:end], verdict.statement, start, round(float(weight), 4))
        for (start, end), weight in heaviest
        if any(character.isalnum() for character in text[start:end])
    )


def _located(words: str, statement: str, near: int, weight: float) -> Weight:
    """Find `words`, cut from the cleaned text, in the statement as it was typed."""
    start = statement.find(words, near) if statement.find(words, near) >= 0 else statement.find(words)
    if start < 0:
        start = min(near, len(statement))
        words = statement[start : start + len(words)]
    return Weight(words, start, start + len(words), weight)


def _odds(bases: Any, label: str) -> float:
    chance = sum(float(one) for one, basis in zip(bases, BASES, strict=True) if LABEL_OF[basis] == label)
    chance = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log(chance / (1 - chance)))


def _parts(checker: Checker, statement: str) -> tuple[Part, ...]:
    pieces = [piece.strip() for piece in _PARTS.split(statement)]
    pieces = [piece for piece in pieces if len(piece.split()) >= _SHORTEST_PART]
    if len(pieces) < 2:
        return ()
    # As in the model's own second opinion, "it" is what the first part names.
    model = checker.model
    names = [word for word in model.reader.read(pieces[0]).words if model.lexicon.kinds.get(word) == "name"]
    parts = []
    for number, piece in enumerate(pieces):
        first, _, rest = piece.partition(" ")
        try:
            verdict = checker.check(f"{names[0]} {rest}" if number and names and first.lower() in PRONOUNS else piece)
        except InputError:
            continue
        decided = verdict.passages[0].id if verdict.basis != "not-addressed" and verdict.passages else None
        parts.append(Part(piece, verdict.label, verdict.confidence, decided))
    return tuple(parts)
