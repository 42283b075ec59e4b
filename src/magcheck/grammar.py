"""What the order of English words says: who acts on whom in the passive, and which *not* denies nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_AUXILIARIES = frozenset("am are can could did do does had has have is might must should was were will would".split())
# Without a form of *be* there is no passive.
BE = frozenset("am are be been being get gets getting got is was were".split())
# What may stand between a subject and a form of *be*: "magnesium may not always have been replaced".
_BEFORE_BE = _AUXILIARIES | BE | frozenset("also always ever may never not often really shall simply still".split())
# Participles that end otherwise than most.
_PARTICIPLES = frozenset(
    "begun born borne bound brought built bought caught cut dealt done drawn fed felt fought found gone held hit hurt "
    "kept known laid led left lent let lost made meant met paid put run sent set shown shut slain sold sought split "
    "spread spun struck stuck swept taught thrown told torn undone understood upheld won worn withheld".split()
)
# Words that an agent or an instrument stands behind, and participles that take these in another sense.
AGENT = frozenset("by through using via with".split())
_MUTUAL = frozenset("aligned associated compared concerned connected correlated linked related tied".split())
_BEFORE_AGENT = frozenset(
    "about away back chiefly down entirely in largely mainly mostly off on only out partly primarily simply solely "
    "up".split()
)
_OPENING = frozenset(". , ; : ? and because but if or since so that though when where whether which while who".split())
_AFTER_AGENT = _OPENING - {"and", "or"} | frozenset("among at during for from in on than to with".split())

# What ends a sentence, and what may stand before the verb of a question.
_ENDS = frozenset(".?;:")
_BEFORE_QUESTION = frozenset("and but hey or so wait well yet ,".split())
_PRONOUNS = frozenset("he it one she that there they this we you".split())


class Passive(NamedTuple):
    """A clause in the passive: where its subject, its verb and its agent begin and end among the words."""

    subject: tuple[int, int]
    verb: tuple[int, int]
    agent: tuple[int, int]


def passives(words: Sequence[str]) -> list[Passive]:
    """Find the clauses in the passive that name what acts.

    >>> passives("magnesium can be replaced by lead".split())
    [Passive(subject=(0, 1), verb=(1, 4), agent=(5, 6))]
    """
    found: list[Passive] = []
    done = 0
    for at in [at for at, word in enumerate(words) if word in AGENT]:
        last = at - 1
        while last > done and words[last] in _BEFORE_AGENT:
            last -= 1
        if last <= done or not _is_participle(words[last]) or (words[at] != "by" and words[last] in _MUTUAL):
            continue
        start = last
        while start > done and words[start - 1] not in _OPENING:
            start -= 1
        first = start
        while words[first] in _BEFORE_BE:
            first += 1
        be = next((place for place in range(last - 1, first, -1) if words[place] in BE), None)
        if be is not None:
            while words[be - 1] in _BEFORE_BE:
                be -= 1
            subject, verb = (first, be), (be, at)
        elif BE.isdisjoint(words[start:first]):
            continue
        else:  # A question: "Is magnesium replaced by lead?"
            subject, verb = (first, last), (last, at)
        end = at + 1
        while end < len(words) and words[end] not in _AFTER_AGENT:
            end += 1
        if subject[0] < subject[1] and end > at + 1:
            found.append(Passive(subject, verb, (at + 1, end)))
            done = end
    return found


def _is_participle(word: str) -> bool:
    return word not in _BEFORE_BE and (word.endswith(("ed", "en")) or word in _PARTICIPLES)


def idle_denials(words: Sequence[str]) -> list[int]:
    """Return where a *not* denies nothing, last first: "Doesn't it help?" and "It does, does it not?" ask if it does.

    >>> idle_denials("does not it help ?".split())
    [1]
    """
    idle: set[int] = set()
    start = 0
    for end in [at for at, word in enumerate(words) if word in _ENDS]:
        if words[end] == "?":
            while start < end and words[start] in _BEFORE_QUESTION:
                start += 1
            if start < end and words[start] in _AUXILIARIES:
                at = start + 2 if words[start + 1] in _PRONOUNS else start + 1
                if at < end and words[at] == "not":
                    idle.add(at)
            # A tag is three words long: "doesn't it?", "does it not?"
            if end - start > 2 and words[end - 3] in _AUXILIARIES and not _PRONOUNS.isdisjoint(words[end - 2 : end]):
                idle.update(at for at in (end - 2, end - 1) if words[at] == "not")
        start = end + 1
    return sorted(idle, reverse=True)
