"""What a reading claims: of what, what, which way and how strongly, in the words that were typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from magcheck.grammar import passives
from magcheck.lexicon import Lexicon
from magcheck.reading import Reading

# Kinds of concept that say what one thing does to another; where there is none, those that say what it is or fails at.
_RELATING = (frozenset(("relation", "outcome", "direction")), frozenset(("state", "property", "negation")))
_NOT = "not"
_POINTING = ("that ", "this ", "these ", "those ", "the ")
_STRENGTHS = {
    "hedge": "as possible",
    "certainty": "as certain",
    "openness": "as an open matter",
    "question": "as a question",
    "attribution": "as what others say",
}
_CUES = frozenset(_STRENGTHS) | {"negation", "affirmation", "filler", "conjunction", "contrast", "imperative", "other"}
_WHO = "population"


@dataclass(frozen=True)
class Claim:
    """What a statement claims, as far as its concepts tell.

    Attributes
    ----------
    subject, relation, target
        The words of what is spoken of, of what it is said to do or be, and of what it is said to do that to; each is
        None where no concept of the lexicon was found for it.
    negated
        Whether the negations around it are odd in number.
    strength
        How it is put: ``"flatly"``, ``"as possible"``, ``"as certain"``, and so on; several are joined.
    population
        Whom it speaks about: mice, patients, people.
    """

    subject: str | None
    relation: str | None
    target: str | None
    negated: bool
    strength: str
    population: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the claim as JSON-ready values."""
        return vars(self) | {"population": list(self.population)}

    def to_text(self) -> str:
        """Return the claim in words, to stand after "claimed".

        >>> Claim("mag oil", "ease", "cramps", True, "flatly", ("patients",)).to_text()
        'of “mag oil”: “ease” “cramps” (denied, flatly, about “patients”)'
        """
        said = " ".join(f"“{part}”" for part in (self.relation, self.target) if part)
        if not said:
            said = "something" if self.subject else "nothing that the lexicon knows"
        subject = f"of “{self.subject}”: " if self.subject else ""
        about = f", about {' and '.join(f'“{one}”' for one in self.population)}" if self.population else ""
        return f"{subject}{said} ({'denied' if self.negated else 'affirmed'}, {self.strength}{about})"


def claim_of(reading: Reading, lexicon: Lexicon, text: str, places: Sequence[tuple[int, int]]) -> Claim:
    """Return what a reading claims.

    Parameters
    ----------
    reading, lexicon
        The reading, and the lexicon it was made with.
    text, places
        The cleaned text, and where each token stands in it.
    """
    kinds = [lexicon.kinds[names[0]] for _, _, names in reading.mentions]
    telling = None
    for several in _RELATING:
        relating = [at for at, kind in enumerate(kinds) if kind in several and reading.mentions[at][2][0] != _NOT]
        # What comes first is the subject, unless the statement begins with what is done.
        telling = min(relating, key=lambda at: (at == 0, at), default=None)
        if telling is not None:
            break

    def words(mentions: Sequence[int]) -> str | None:
        """Return the stretch of text from the first to the last of some mentions."""
        if not mentions:
            return None
        first, last = reading.mentions[mentions[0]], reading.mentions[mentions[-1]]
        start, end = places[reading.tokens[first[0]][0]][0], places[reading.tokens[last[1] - 1][1]][1]
        found = text[start:end]
        pointing = next((word for word in _POINTING if found.lower().startswith(word)), "")
        return found[len(pointing) :]

    topics = [at for at, kind in enumerate(kinds) if kind not in _CUES and at != telling]
    cut = telling if telling is not None else (topics[0] + 1 if topics else 0)
    before, after = _run([at for at in topics if at < cut][::-1])[::-1], _run([at for at in topics if at >= cut])
    verb = reading.mentions[telling][0] if telling is not None else -1
    if any(clause.verb[0] <= verb < clause.verb[1] for clause in passives(reading.surfaces)):
        before, after = after, before
    strengths = dict.fromkeys(_STRENGTHS[kind] for kind in kinds if kind in _STRENGTHS)
    people = dict.fromkeys(words([at]) or "" for at, kind in enumerate(kinds) if kind == _WHO)
    return Claim(
        subject=words(before),
        relation=words([telling]) if telling is not None else None,
        target=words(after),
        negated=kinds.count("negation") % 2 == 1,
        strength=" and ".join(strengths) or "flatly",
        population=tuple(people),
    )


def _run(mentions: list[int]) -> list[int]:
    """Return the mentions from the first on that follow each other without a gap."""
    return [at for number, at in enumerate(mentions) if abs(at - mentions[0]) == number]
