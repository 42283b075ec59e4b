"""Harmless edits: other ways to type a statement, which may not change its label (CheckList, Ribeiro et al. 2020)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from magcheck.corpus import Row

Change = Callable[[str, Random], str | None]

_TYPOS = {1: 0.03, 2: 0.06}
_EMOJI = "🙏 💪 🧠 💊 🌿 ✨ 😊 🥬".split()
_GREETINGS = ("Hi all, ", "Hello, ", "Hey everyone, ", "Hi! ", "Good morning, ", "Hello there. ")
_LINKS = ("https://example.org/a1b2", "www.example.com/page?id=17", "http://t.example/x9Zq", "https://example.net/")
_TAGS = (" #ALS #MND", " #health", " #magnesium #ALS", " #nutrition #facts", " #neurology")
# What makes no claim by itself, asks, bids or goes on from something: "I read that" cannot stand before it.
_NO_CLAUSE = frozenset(
    """what who whom whose which why when where how is are was were do does did can could may might will would should
    shall has have had am isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't wouldn't shouldn't
    hasn't haven't take try use eat drink rub buy stop start keep get give ask tell see read look add put let make go
    avoid skip forget remember think consider believe say call check swallow spray soak load stick spare please never
    yes no ok okay so well but and or because if since although though while thanks thank hi hello hey sorry wait just
    not fact myth false true claim question answer i i'm i've i'd my lol tbh imo fyi btw doc sir dear also plus
    nope yep yeah nah welcome according good great""".split()
)
_FIRST = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# A first word that keeps its capital within a sentence.
_PROPER = frozenset("I Lou Mg ALS MND SOD1 NMDA TRPM7 Epsom Gehrig Charcot Alzheimer Parkinson Riluzole".split())


def tells(row: Row) -> bool:
    """Return whether a statement is one sentence that tells something, so that a clause may open it."""
    text = row.statement.strip()
    first = _FIRST.match(text)
    body = text.rstrip(".!")
    return (
        first is not None
        and first.group().lower().replace("’", "'") not in _NO_CLAUSE
        and len(body.split()) > 2
        and not re.search(r"[?!:;]|\.\s|\.\.", body)
        and "?" not in text
        and "not-a-claim" not in row.tags
    )


def _claims(row: Row) -> bool:
    # "Fact:" is a claim of certainty (labels.md): for what the document holds possible it does change the label.
    return tells(row) and row.basis != "hedged"


def _any(row: Row) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Edit:
    """One way to type a statement otherwise.

    Attributes
    ----------
    name
        What it does.
    change
        Returns the statement as edited, None where there is nothing to edit.
    allowed
        Whether a row is of the form that the edit is for.
    goal
        The share of labels that may flip.
    """

    name: str
    change: Change
    allowed: Callable[[Row], bool] = _any
    goal: float = 0.01

    def __call__(self, row: Row, rng: Random) -> str | None:
        """Return the statement of `row` as edited, None where the edit does not apply."""
        if not self.allowed(row):
            return None
        edited = self.change(row.statement, rng)
        return None if edited == row.statement else edited


def like(word: str, model: str) -> str:
    """Return `word` with the capitals of `model`."""
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def lowered(text: str) -> str:
    """Return `text` as it stands within a sentence."""
    first = _FIRST.match(text)
    if not first or first.group() in _PROPER or not (first.group() == "A" or first.group()[1:].islower()):
        return text
    return text[0].lower() + text[1:]


def _title(text: str, rng: Random) -> str:
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda word: word.group()[0].upper() + word.group()[1:].lower(), text)


def _spaces(text: str, rng: Random) -> str:
    return "  " + re.sub(" ", lambda _: " " * rng.randint(1, 3), text) + " \t"


def _no_end(text: str, rng: Random) -> str:
    return text.rstrip(" .!?") or text


def _double_end(text: str, rng: Random) -> str:
    text = text.rstrip()
    return f"{text}{text[-1]}" if text[-1] in ".!?" else f"{text}.."


def _quoted(opening: str, closing: str) -> Change:
    return lambda text, rng: f"{opening}{text}{closing}" if opening not in text else None


def _apostrophes(text: str, rng: Random) -> str:
    return text.replace("’", "'") if "’" in text else re.sub(r"(?<=\w)'(?=\w)", "’", text)


def _emoji(text: str, rng: Random) -> str:
    one = rng.choice(_EMOJI)
    return f"{text} {one}" if rng.random() < 0.7 else f"{one} {text}"


def _frame(opening: str) -> Change:
    return lambda text, rng: opening + lowered(text)


def _greeting(text: str, rng: Random) -> str:
    opening = rng.choice(_GREETINGS)
    return opening + (lowered(text) if opening.endswith(", ") else text)


def _link(text: str, rng: Random) -> str:
    return f"{text} {rng.choice(_LINKS)}"


def _tags(text: str, rng: Random) -> str:
    return text + rng.choice(_TAGS)


_SHORT = {
    "does not": "doesn't", "do not": "don't", "did not": "didn't", "is not": "isn't", "are not": "aren't",
    "was not": "wasn't", "were not": "weren't", "has not": "hasn't", "have not": "haven't", "had not": "hadn't",
    "will not": "won't", "would not": "wouldn't", "could not": "couldn't", "should not": "shouldn't",
    "cannot": "can't", "it is": "it's", "that is": "that's", "there is": "there's", "they are": "they're",
    "we are": "we're", "you are": "you're", "i am": "I'm", "i have": "I've", "it will": "it'll", "they have": "they've",
}  # fmt: skip
_LONG = {short.lower(): long for long, short in _SHORT.items()}
# "It is" can be drawn together only where something follows; "it's been" stands for "it has been".
_CONTRACT = re.compile(rf"\b({'|'.join(_SHORT)})\b(?=\s+\w)", re.IGNORECASE)
_EXPAND = re.compile(rf"\b({'|'.join(map(re.escape, _LONG))})\b(?!\s+(?:been|got|had)\b)", re.IGNORECASE)


def _contract(text: str, rng: Random) -> str:
    return _CONTRACT.sub(lambda found: like(_SHORT[found.group().lower()], found.group()), text)


def _expand(text: str, rng: Random) -> str | None:
    plain = text.replace("’", "'")
    first = _EXPAND.match(plain)
    if first and first.group().lower().endswith("n't") and first.group().lower() != "don't":
        return None  # "Doesn't magnesium …?" cannot be "Does not magnesium …?".
    edited = _EXPAND.sub(lambda found: like(_LONG[found.group().lower()], found.group()), plain)
    return None if edited == plain else edited


_PAIRS = dict(
    pair.split("/")
    for pair in """anaemia/anemia behaviour/behavior behavioural/behavioral centre/center centres/centers colour/color
    favour/favor favourable/favorable fibre/fiber fibres/fibers labour/labor neurone/neuron neurones/neurons
    oedema/edema oesophagus/esophagus paediatric/pediatric tumour/tumor tumours/tumors ageing/aging
    programme/program programmes/programs defence/defense defences/defenses grey/gray sceptical/skeptical
    sceptics/skeptics sceptic/skeptic litre/liter litres/liters metre/meter metres/meters analyse/analyze
    analysed/analyzed analysing/analyzing paralyse/paralyze paralysed/paralyzed catalyse/catalyze labelled/labeled
    labelling/labeling modelling/modeling modelled/modeled fuelled/fueled signalling/signaling travelled/traveled
    travelling/traveling counsellor/counselor counselled/counseled levelled/leveled rumour/rumor rumours/rumors
    honour/honor vapour/vapor neighbour/neighbor neighbours/neighbors flavour/flavor endeavour/endeavor vigour/vigor
    sulphate/sulfate sulphur/sulfur foetal/fetal diarrhoea/diarrhea haemorrhage/hemorrhage leukaemia/leukemia
    orthopaedic/orthopedic judgement/judgment practise/practice practised/practiced tonne/ton mould/mold
    smouldering/smoldering moulder/molder armour/armor odour/odor humour/humor cheque/check""".split()
)
_STEMS = (
    """recogn organ real summar minim maxim stabil general emphas hypothes random standard categor character metabol
    neutral optim priorit util special hospital visual final immun sensit critic apolog polar oxid normal mobil
    synthes harmon ion jeopard scrutin""".split()
)  # fmt: skip
for _stem in _STEMS:
    for _end in ("e", "ed", "es", "er", "ing", "ation"):
        _PAIRS[f"{_stem}is{_end}"] = f"{_stem}iz{_end}"
_BRITISH = {american: british for british, american in _PAIRS.items() if american not in ("check", "ton", "practice")}
_LETTERS = re.compile(r"[A-Za-z]+")


def _spelling(text: str, rng: Random) -> str:
    words = {word.lower() for word in _LETTERS.findall(text)}
    table = _PAIRS if words & _PAIRS.keys() else _BRITISH
    return _LETTERS.sub(lambda word: like(table.get(word.group().lower(), word.group()), word.group()), text)


# Before a capital it is part of another name: "ALS Association".
_EDGE = r"(?<![\w\-/'’&])(?:{})(?![\w\-/'’&]|\s+[A-Z][a-z])"
_DISEASE = {
    "ALS": re.compile(_EDGE.format("ALS|als")),
    "amyotrophic lateral sclerosis": re.compile(_EDGE.format("(?i:amyotrophic lateral sclerosis)")),
    "Lou Gehrig's disease": re.compile(_EDGE.format("(?i:lou gehrig['’]?s disease)")),
    "MND": re.compile(_EDGE.format("MND|mnd")),
    "motor neurone disease": re.compile(_EDGE.format("(?i:motor neurone disease)")),
    "motor neuron disease": re.compile(_EDGE.format("(?i:motor neuron disease)")),
}
_ANY_DISEASE = re.compile(
    r"\b(?:p?als|mnd|sclerosis|amyotrophic|gehrig\w*|motor neurone? disease|gehrig['’]s)\b", re.IGNORECASE
)
# A statement on the name itself is another statement with another name.
_NAMING = re.compile(
    r"\b(?:stands? for|called|calls?|known as|names?|named|initials|acronym|short for|letters?|symbol|element|aka)\b",
    re.IGNORECASE,
)


def _disease(target: str) -> Change:
    def change(text: str, rng: Random) -> str | None:
        found = [(name, pattern) for name, pattern in _DISEASE.items() if pattern.search(text)]
        if len(found) != 1 or found[0][0] == target or _NAMING.search(text):
            return None
        pattern = found[0][1]
        if len(_ANY_DISEASE.findall(text)) != len(pattern.findall(text)):
            return None  # It is named otherwise as well.
        name = target.lower() if text.islower() else target
        edited = pattern.sub(lambda _: name, text)
        article = "an" if target[:1] in "Aa" or target == "MND" else "a"
        edited = re.sub(rf"\b([Aa])n? (?={re.escape(name)})", lambda a: a[1] + article[1:] + " ", edited)
        return edited[0].upper() + edited[1:] if text[0].isupper() else edited

    return change


_MAGNESIUM = re.compile(r"(?<!\w)magnesium(?!\w)", re.IGNORECASE)
# The element is written Mg; "mg", and "Mg" after a number, is the unit.
_MG = re.compile(r"(?<![\w\-])(?<!\d )Mg(?![\w/])")


def _to_mg(text: str, rng: Random) -> str | None:
    if re.search(r"\b(?:mg|mag)\b", text, re.IGNORECASE) or _NAMING.search(text):
        return None
    return _MAGNESIUM.sub("Mg", text)


def _from_mg(text: str, rng: Random) -> str | None:
    if _MAGNESIUM.search(text) or _NAMING.search(text):
        return None
    edited = _MG.sub("magnesium", text)
    return edited[0].upper() + edited[1:] if text[0].isupper() else edited


_NEAR = {
    letter: row[max(at - 1, 0) : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at, letter in enumerate(row)
}
_LONG_WORD = re.compile(r"(?<![\w'’])[A-Za-z]{4,}(?![\w'’])")


def typo(word: str, rng: Random) -> str:
    """Return `word` with one slip: two letters swapped, one left out, doubled, or hit beside its key."""
    while True:
        at = rng.randrange(len(word))
        near = rng.choice(_NEAR[word[at].lower()])
        slips = (
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[: at + 1] + word[at:],
            word[:at] + like(near, word[at]) + word[at + 1 :],
            word[:at] + word[at] + near + word[at + 1 :],
        )
        slip = rng.choice(slips)
        if slip != word:
            return slip


def _typos(count: int) -> Change:
    def change(text: str, rng: Random) -> str | None:
        words = list(_LONG_WORD.finditer(text))
        if len(words) < count:
            return None
        for word in sorted(rng.sample(words, count), key=lambda one: -one.start()):
            text = text[: word.start()] + typo(word.group(), rng) + text[word.end() :]
        return text

    return change


EDITS = (
    Edit("upper case", lambda text, rng: text.upper()),
    Edit("lower case", lambda text, rng: text.lower()),
    Edit("title case", _title),
    Edit("extra spaces", _spaces),
    Edit("end punctuation missing", _no_end),
    Edit("end punctuation doubled", _double_end),
    Edit("straight quotes around", _quoted('"', '"')),
    Edit("curly quotes around", _quoted("“", "”")),
    Edit("curly or straight apostrophes", _apostrophes),
    Edit("emoji", _emoji),
    Edit("“I read that …”", _frame("I read that "), tells),
    Edit("“I heard that …”", _frame("I heard that "), tells),
    Edit("“Fact: …” (where not hedged)", lambda text, rng: f"Fact: {text}", _claims),
    Edit("greeting", _greeting),
    Edit("trailing URL", _link),
    Edit("trailing hashtags", _tags),
    Edit("contracted", _contract),
    Edit("written out", _expand),
    Edit("British or American spelling", _spelling),
    *(Edit(f"disease → {name}", _disease(name)) for name in _DISEASE),
    Edit("magnesium → Mg", _to_mg),
    Edit("Mg → magnesium", _from_mg),
    Edit("one typo", _typos(1), goal=_TYPOS[1]),
    Edit("two typos", _typos(2), goal=_TYPOS[2]),
)
