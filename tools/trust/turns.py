"""Meaning-changing edits: rules that turn a statement, and the label that it has then as labels.md says.

A rule looks at the right basis of the statement and at how firmly the document's passages say what settles it. It
takes only statements of a form in which one small change has one clear outcome: a single plain clause without
quantifiers, attribution or other cues that the change would meet.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from magcheck.corpus import Row
from trust.edits import like, tells

# By sentence of the document, how its passages hold it: asserts, denies, possible, reports.
Stances = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Turned:
    """A statement as turned, and the labels that it may have now."""

    text: str
    labels: frozenset[str]


Rule = Callable[[Row, Stances, Random], Turned | None]

_SUPPORTED, _UNSUPPORTED, _UNCERTAIN = (frozenset({name}) for name in ("supported", "unsupported", "uncertain"))
_NOT_SUPPORTED = _UNSUPPORTED | _UNCERTAIN


def _words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(text.split())})(?![\w-])", re.IGNORECASE)


_JOINTS = _words(
    """and or but nor yet because since although though while whereas when if unless whether that which who whom whose
    what where why how than so as until after before without except besides instead despite however rather like
    including whenever wherever even only just still already also too either neither both again anyone
    anything anybody"""
)
_QUANTIFIERS = _words(
    """all every each no none some any few many much most more less least first single alone half several another other
    always never ever often sometimes usually mostly mainly chiefly sole solely simply merely mere entirely wholly
    completely fully largely partly totally nearly almost about around roughly exactly main chief at\\s+all"""
)
_HEDGES = _words(
    """may might could would should possibly perhaps maybe probably likely potential potentially conceivably seems? seem
    appears? appear suggests? suggested suggest think thinks believe[sd]? claims? claimed said says? told hopes? hoped
    hints? hinted reportedly supposedly apparently anecdot\\w* preliminary tentative\\w* possible conceivable plausible
    theory theories theoretical\\w* hypothes\\w* candidate promising expected presumed suspected suspects? speculat\\w*
    can\\s+be unclear unknown unsettled open questions? remain\\w* doubt\\w* potential tends? able"""
)
_CERTAINTIES = _words(
    """proven proof proofs proves? proved definite\\w* certain\\w* sure surely undoubted\\w* undeniabl\\w* confirm\\w*
    guarantee\\w* facts? conclusive\\w* clearly clear established establishes demonstrated shown indeed unequivocal\\w*
    incontrovertibl\\w* reliabl\\w* scientists verified settled must undisput\\w* truly really actually"""
)
_NEGATIONS = re.compile(
    r"n['’]t\b|\b(?:not|no|never|none|neither|nor|nothing|nobody|without|fail\w*|lack\w*|hardly|scarcely|barely|little|"
    r"unlikely|den(?:y|ies|ied)|reject\w*|wrong|false|myth|unable|free of|cannot|absent|absence|void|devoid|unaffected|"
    r"unchanged|unaltered|unrelated|un\w+|in(?:effective|effectual|active)|useless|pointless|null|nil|zero|nowhere|"
    r"minimal\w*|negligibl\w*|impotent|disproved|refuted|debunked|nope|nah|dont|doesnt|isnt|cant|wont|didnt|arent)\b",
    re.IGNORECASE,
)
_ASKS_OR_BIDS = re.compile(r"\b(?:you|your|yourself|i|my|me|we|our|us)\b", re.IGNORECASE)


def _plain(row: Row, *cues: re.Pattern[str], words: int = 22) -> bool:
    """Return whether a statement is one plain clause in which none of `cues` stands."""
    text = row.statement
    return (
        tells(row)
        and len(text.split()) <= words
        and not re.search(r"[,;:()\[\]—–/\"“”=+&?]|\s-\s|\d\.\s", text)
        and "double-negation" not in row.tags
        and "slang" not in row.tags
        and not _ASKS_OR_BIDS.search(text)
        and not any(cue.search(text) for cue in (_JOINTS, *cues))
    )


def _held(row: Row, stances: Stances) -> frozenset[str]:
    """Return how the passages that settle a statement hold what they say."""
    return frozenset().union(*(stances.get(sentence, frozenset()) for sentence in row.evidence))


_VERBS = """prevent slow lower raise reduce increase stop halt delay protect cure treat help ease relieve soothe calm
    block plug cross reach enter penetrate alter affect influence improve worsen support maintain regulate
    suppress inhibit dampen curb quell tame restrain lessen shield guard extend prolong lengthen shorten stave ward
    fend accompany displace replace mimic keep modulate drive fuel promote trigger provoke feed require need matter
    contribute counteract oppose counter boost strengthen weaken harm damage injure kill spare save fight combat
    decrease diminish cut limit quiet quieten settle loosen relax mitigate ameliorate alleviate attenuate hinder
    impede restrict admit govern control mark characterise characterize feature show underlie involve bear carry
    play have aid assist sustain preserve preclude avert forestall avoid elevate heighten amplify participate act work
    serve rest rely depend occur arise stem result lead belong differ vary change shift move make bring give take
    refute contradict confirm""".split()  # fmt: skip
# Nouns as much as verbs when they end in -s: taken for a verb only after a word that cannot go before such a noun.
_DOUBTFUL = frozenset(
    "needs results works shifts changes moves rests leads features shows marks plays helps acts".split()
)


def third(verb: str) -> str:
    """Return the form of `verb` that goes with he, she and it."""
    if verb in ("have", "do", "go"):
        return {"have": "has", "do": "does", "go": "goes"}[verb]
    if re.search(r"(?:s|x|z|ch|sh)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


_BASE = {third(verb): verb for verb in _VERBS}
_THIRD = re.compile(rf"(?<=[a-zS] )(?:{'|'.join(sorted(_BASE, key=len, reverse=True))})(?= \w)")
_HELPER = re.compile(
    r"(?<=\w )(?:is|are|was|were|can|will|did|does|do|has(?= been)|have(?= been))"
    r"(?= \w)(?! (?:they|it|you|we|i|he|she|this|that|these|the|a|an|mag|magnesium|mg)\b)",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"\b[a-z]+ly $")
_AFTER_NOUN = re.compile(
    r"(?:magnesium|mg|supplements?|it|mineral|diet|als|mnd|disease|deficiency|shortage|oil)$", re.IGNORECASE
)
_SHORT_NOT = {
    "is": "isn't", "are": "aren't", "was": "wasn't", "were": "weren't", "can": "can't", "will": "won't",
    "did": "didn't", "does": "doesn't", "do": "don't", "has": "hasn't", "have": "haven't",
}  # fmt: skip


def _verb(text: str) -> re.Match[str] | None:
    """Return the verb of a plain clause, if it is sure which word that is."""
    found = [one for pattern in (_HELPER, _THIRD) for one in pattern.finditer(text)]
    first = min(found, key=lambda one: one.start(), default=None)
    if first is None or (first.group() in _DOUBTFUL and not _AFTER_NOUN.search(text[: first.start()].rstrip())):
        return None
    before = text[: first.start()].split()
    if before[-1].lower() in ("the", "a", "an", "of", "in", "to", "by", "its", "their", "these", "this", "for", "with"):
        return None  # A noun: "the causes".
    return first


def negated(text: str, rng: Random) -> str | None:
    """Return a plain clause denied: "is" → "is not", "slows" → "does not slow", or drawn together."""
    verb = _verb(text)
    if verb is None:
        return None
    word, short = verb.group(), rng.random() < 0.5
    before, after = text[: verb.start()], text[verb.end() :]
    if verb.re is _THIRD:
        adverb = _ADVERB.search(before)
        if adverb:
            before, word = before[: adverb.start()], f"{adverb.group()}{_BASE[word]}"
        else:
            word = _BASE[word]
        put = f"doesn't {word}" if short else f"does not {word}"
    elif short:
        put = _SHORT_NOT[word]
    else:
        put = "cannot" if word == "can" else f"{word} not"
    return before + put + after


_DOES_NOT = re.compile(r"\b(?:does not|doesn['’]t) (\w+)")
_BE_NOT = re.compile(r"\b(is|are|was|were|can|will|has|have|do|did)(?: not|n['’]t)\b|\bcannot\b")


def affirmed(text: str, rng: Random) -> str | None:
    """Return a plain clause that denies with one "not" without it."""
    found = _DOES_NOT.search(text)
    if found:
        return text[: found.start()] + third(found[1]) + text[found.end() :]
    found = _BE_NOT.search(text)
    if not found or found.start() == 0:
        return None
    word = found[1] or "can"
    if word == "do":
        return text[: found.start()] + text[found.end() + 1 :]
    return text[: found.start()] + word + text[found.end() :]


def negate(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Deny what is told: right becomes wrong, and wrong right."""
    if row.basis not in ("asserted", "contradicted") or "possible" in _held(row, stances):
        return None
    if not _plain(row, _QUANTIFIERS, _HEDGES, _CERTAINTIES, _NEGATIONS):
        return None
    text = negated(row.statement, rng)
    return Turned(text, _UNSUPPORTED if row.basis == "asserted" else _SUPPORTED) if text else None


def affirm(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Take a denial back: right becomes wrong, and wrong right."""
    if row.basis not in ("asserted", "contradicted") or "possible" in _held(row, stances):
        return None
    if not _plain(row, _QUANTIFIERS, _HEDGES, _CERTAINTIES) or len(_NEGATIONS.findall(row.statement)) != 1:
        return None
    text = affirmed(row.statement, rng)
    return Turned(text, _UNSUPPORTED if row.basis == "asserted" else _SUPPORTED) if text else None


# Sentences that hold something possible; 5.1.4 says that it has still to be confirmed.
_OPEN = frozenset("3.2.1 4.1.2 5.1.1 5.1.2 5.1.3 5.1.4 6.2.1 6.3.1 6.3.2 6.3.3 7.1.4 7.1.5".split())
# What the same sentences, or others, assert: NMDA receptors plugged, magnesium displaced, less oxidative stress.
_FIRM = re.compile(
    r"NMDA|recept|displac|\bplace\b|substitut|mimic|oxidati|radical|inflam|cytokin|microgli|effect|magnitude|size|small|"
    r"large|modest|slight|subtle|complex|simple|tangled",
    re.IGNORECASE,
)


def _possible(row: Row, stances: Stances) -> bool:
    return (
        _OPEN.issuperset(row.evidence)
        and "possible" in _held(row, stances)
        and not _FIRM.search(row.statement)
        and not {"scope", "quantity", "near-topic", "testimony"} & set(row.tags)
    )


def _strengthless(row: Row) -> bool:
    return _plain(row, _QUANTIFIERS, _CERTAINTIES, _NEGATIONS, words=16) and not re.search(r"\d", row.statement)


def weaken(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell as possible ("may") what the document holds possible and the statement told flatly."""
    if row.basis != "hedged" or not _possible(row, stances):
        return None
    if not _strengthless(row) or _HEDGES.search(row.statement):
        return None
    verb = _verb(row.statement)
    if verb is None or verb.group() not in _BASE.keys() | {"is", "are"}:
        return None
    put = f"may {_BASE.get(verb.group(), 'be')}"
    return Turned(row.statement[: verb.start()] + put + row.statement[verb.end() :], _SUPPORTED)


def strengthen(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell as proven what the document only holds possible and the statement told flatly."""
    if row.basis != "hedged" or not _possible(row, stances):
        return None
    if not _strengthless(row) or _HEDGES.search(row.statement):
        return None
    verb = _verb(row.statement)
    if verb is None or verb.group() not in _BASE.keys() | {"is"}:
        return None
    put = f"is proven to {_BASE.get(verb.group(), 'be')}"
    return Turned(row.statement[: verb.start()] + put + row.statement[verb.end() :], _UNSUPPORTED)


_NO_VERB = frozenset("also well yet have otherwise still even in at".split())
_MAY = re.compile(r"(?<=\w )(?:may|might|could) (?!not\b)(\w+)")


def _may(row: Row, stances: Stances) -> re.Match[str] | None:
    if row.basis != "asserted" or not _possible(row, stances) or not _strengthless(row):
        return None
    found = _MAY.findall(row.statement)
    # Where the only cue of strength is the one "may", the statement stands by it.
    return _MAY.search(row.statement) if len(found) == 1 == len(_HEDGES.findall(row.statement)) else None


def _is_plural(text: str) -> bool:
    last = text.split()[-1].lower()
    return last in ("they", "people") or (last.endswith("s") and not last.endswith(("ss", "us", "is", "als")))


def flatten(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell flatly what the document holds possible and the statement told as possible."""
    may = _may(row, stances)
    if may is None or may[1] in _NO_VERB:
        return None
    plural = _is_plural(row.statement[: may.start()])
    be = "are" if plural else "is"
    put = be if may[1] == "be" else may[1] if plural else third(may[1])
    return Turned(row.statement[: may.start()] + put + row.statement[may.end() :], _UNCERTAIN)


def prove(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell as proven what the document holds possible and the statement told as possible."""
    may = _may(row, stances)
    if may is None or may[1] in _NO_VERB:
        return None
    be = "are" if _is_plural(row.statement[: may.start()]) else "is"
    return Turned(f"{row.statement[: may.start()]}{be} proven to {may[1]}{row.statement[may.end() :]}", _UNSUPPORTED)


_NUMBERS = (
    (re.compile(r"\b(?:five|5)\b(?=(?: [\w-]+){0,3} (?:cohorts?|studies|groups)\b)", re.IGNORECASE), "eight", "8"),
    (re.compile(r"\b(?:fifteen|15)\b(?=[- ]years?\b)", re.IGNORECASE), "seven", "7"),
    (re.compile(r"\b1[,.]?050[,.]?000\b"), "2,300,000", "2,300,000"),
    (re.compile(r"\b1\.05 ?(?=million\b|m\b)", re.IGNORECASE), "2.3 ", "2.3 "),
)
# After these another number may still be right: "at least five" is so of any fewer.
_BOUND = re.compile(
    r"(?:more than|over|above|at least|at most|up to|under|below|fewer than|less than|nearly|almost|beyond|within|"
    r"exceed\w*|upwards of|north of|past|top\w*|minimum of|maximum of|short of) (?:\w+ )?$",
    re.IGNORECASE,
)


def renumber(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell another number of cohorts, years or people than the document."""
    text = row.statement
    if row.basis != "asserted" or "1.2.1" not in row.evidence or _NEGATIONS.search(text) or "?" in text:
        return None
    found = [(pattern.search(text), word, digits) for pattern, word, digits in _NUMBERS]
    usable = [one for one in found if one[0] and (one[1][0].isdigit() or not _BOUND.search(text[: one[0].start()]))]
    if not usable:
        return None
    match, word, digits = rng.choice(usable)
    assert match is not None
    put = digits if match.group()[0].isdigit() else like(word, match.group())
    return Turned(text[: match.start()] + put + text[match.end() :], _UNSUPPORTED)


# What the document says of magnesium's workings, shortage, symptoms and of the course of the disease: of zinc it
# says nothing of the kind. Prevention is left out, since no supplement alone prevents ALS.
_WORKINGS = frozenset(
    """3.2.1 3.2.2 3.2.3 3.2.4 3.2.5 4.1.2 4.1.3 5.1.2 6.2.1 6.2.3 6.3.1 6.3.2 6.3.3 6.4.1 6.4.2 7.1.4 7.1.5""".split()
)
_PREVENTION = re.compile(
    r"\b(?:prevent\w*|protect\w*|ward\w*|stav\w*|avert\w*|avoid\w*|keep\w*|risk\w*|develop\w*|get|gets|getting|guard\w*|"
    r"shield\w*|cure\w*|onset|study|studies|research\w*|review\w*|trial\w*|cohort\w*|analys[ei]s|paper|article|evidence|"
    r"findings?|experiment\w*|mouse|mice|rodents?|animals?|supplements?|minerals?|alone|conclu\w*|authors?|scientists?)\b",
    re.IGNORECASE,
)
_MAGNESIUM = re.compile(r"(?<![\w-])(?:magnesium|Mg)(?![\w-])", re.IGNORECASE)


def to_zinc(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell of zinc what the document tells of magnesium alone."""
    text = row.statement
    if row.label == "uncertain" or not row.evidence or not _WORKINGS.issuperset(row.evidence):
        return None
    if _PREVENTION.search(text) or not _plain(row) or not _MAGNESIUM.search(text):
        return None
    edited = _MAGNESIUM.sub("zinc", text)
    return Turned(like(edited, text), _UNCERTAIN)


_MICE = re.compile(r"\b(?:mice|mouse)\b", re.IGNORECASE)
_MOUSE_SENTENCES = frozenset("2.1.3 2.2.1 2.2.2 2.2.3 3.3.3 6.1.2 6.2.2".split())


def to_rats(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell of rats what the document tells of mice: against it in some sentences, beside it in others."""
    text = row.statement
    if row.basis != "asserted" or not _MOUSE_SENTENCES.issuperset(row.evidence) or not _MICE.search(text):
        return None
    swap = {"mice": "rats", "mouse": "rat"}
    return Turned(_MICE.sub(lambda found: like(swap[found.group().lower()], found.group()), text), _NOT_SUPPORTED)


_TURNS = {
    "lower reduce lessen decrease diminish curb cut limit": "raise",
    "raise increase heighten amplify boost worsen": "lower",
    "calm restrain dampen suppress inhibit quell tame quieten soothe counter counteract oppose combat fight": "fuel",
    "fuel drive promote trigger provoke": "calm",
    "support aid maintain preserve sustain": "impair",
    "block plug antagonise antagonize": "activate",
}
_OPPOSITES = {verb: other for verbs, other in _TURNS.items() for verb in verbs.split()}
_OPPOSITES |= {third(verb): third(other) for verb, other in _OPPOSITES.items()}
_DIRECTION = re.compile(rf"(?<=[a-zS] )(?:{'|'.join(sorted(_OPPOSITES, key=len, reverse=True))})(?= \w)")


def reverse(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Turn the direction of an effect that the document asserts."""
    if row.basis != "asserted" or {"possible", "denies"} & _held(row, stances):
        return None
    if not _plain(row, _QUANTIFIERS, _CERTAINTIES, _NEGATIONS):
        return None
    found = list(_DIRECTION.finditer(row.statement))
    if len(found) != 1 or " from " in row.statement:
        return None
    at = found[0]
    return Turned(row.statement[: at.start()] + _OPPOSITES[at.group()] + row.statement[at.end() :], _UNSUPPORTED)


_ORAL = {"oral": "intravenous", "orally": "intravenously", "by mouth": "by vein"}
# That no supplement alone prevents ALS holds for every route; which one the mice had is a detail of the experiment.
_NOT_BY_VEIN = frozenset("7.1.6 2.1.3 2.2.1 3.3.3 6.2.2".split())
_BY_MOUTH = re.compile(r"\b(?:oral|orally|by mouth)\b", re.IGNORECASE)
_OTHER_ROUTE = re.compile(
    r"\b(?:mice|mouse|rodents?|animals?|diet\w*|food\w*|eat\w*|swallow\w*|pills?|tablets?|capsules?|supplements?|alone|"
    r"itself|own|SOD1|oil|skin|topical\w*|preclinical\w*|patients)\b",
    re.IGNORECASE,
)


def by_vein(row: Row, stances: Stances, rng: Random) -> Turned | None:
    """Tell of magnesium by vein what the document tells of magnesium by mouth."""
    text = row.statement
    if row.label == "uncertain" or _NOT_BY_VEIN & set(row.evidence) or not _plain(row) or _OTHER_ROUTE.search(text):
        return None
    if not _BY_MOUTH.search(text):
        return None
    edited = _BY_MOUTH.sub(lambda found: like(_ORAL[found.group().lower()], found.group()), text)
    return Turned(
        re.sub(r"\b([Aa])n (?=intravenous)|\b([Aa]) (?=intravenous)", lambda a: f"{a[1] or a[2]}n ", edited), _UNCERTAIN
    )


RULES: Mapping[str, Rule] = {
    "negated": negate,
    "denial taken back": affirm,
    "flat → may": weaken,
    "flat → is proven to": strengthen,
    "may → flat": flatten,
    "may → is proven to": prove,
    "another number": renumber,
    "magnesium → zinc": to_zinc,
    "mice → rats": to_rats,
    "direction turned": reverse,
    "oral → intravenous": by_vein,
}
