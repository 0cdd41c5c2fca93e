"""A name as written -> the name without what is no part of it, and the key that all its spellings share. Pure.

What is folded is spelling alone: case, accents, punctuation, titles, legal forms, the spelling of English on both sides
of the Atlantic, romanisations of one name, the names of one country or organisation. Never two names: a middle initial,
"Jr.", a first name stay in the key.
"""

import re
import unicodedata
from functools import cache, lru_cache

from enrich import gazetteer

LONGEST = 80  # characters: more is no name
POSSESSIVE = re.compile(r"(?:['’]s|['’])$", re.IGNORECASE)
LEADING = re.compile(r"^(?:the|a|an|this|these|that|its|his|her|their)\s+", re.IGNORECASE)
ACRONYM = re.compile(r"(?:\w\.){2,}$")
ABBREVIATED = re.compile(r"\b(?:Jr|Sr|Inc|Corp|Co|Ltd|Bros|St|No)\.$", re.IGNORECASE)
EDGES = " \t\n.,;:!?\"'“”‘’«»()[]{}<>|/*_–—-•&"
SILENT = re.compile(r"[.'’ʼ`´ʻ]")
NOT_WORDS = re.compile(r"[\W_]+")
LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "&": " and "}
)
LEGAL_WORDS = "inc corp corporation co ltd limited llc plc gmbh ag sa nv ab oyj spa"
LEGAL = frozenset(LEGAL_WORDS.split())
# of one word, these are part of how a person is called: Pope Francis is no Francis
KEPT_WORDS = "king queen prince princess pope emperor empress saint father duke duchess crown"
KEPT = frozenset(KEPT_WORDS.split())
AMERICAN = {
    "isation": "ization",
    "centre": "center",
    "defence": "defense",
    "programme": "program",
    "harbour": "harbor",
}


def clean(span: str) -> str:
    """A span without possessive, article and punctuation at its edges; "" when that is no name."""
    name = " ".join(LEADING.sub("", span.strip(EDGES.replace(".", ""))).split())
    name = POSSESSIVE.sub("", name)
    if not (ACRONYM.search(name) or ABBREVIATED.search(name)):
        name = name.strip(EDGES)
    return name if len(name) <= LONGEST and any(c.isalpha() for c in name) else ""


@lru_cache(maxsize=100_000)
def key_of(name: str, language: str = gazetteer.ENGLISH) -> str:
    """The same for all spellings of a name; `language` is that of the text, for its names of countries."""
    folded = fold(name)
    if folded in _only_upper() and not name.replace(".", "").isupper():
        return folded
    country = _countries(language).get(folded)
    if country:
        return country
    return _organisations().get(folded) or _person(folded)


@lru_cache(maxsize=100_000)
def fold(name: str) -> str:
    """Lower case without accents and punctuation, one blank between words, no leading article."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    words = [_american(word) for word in NOT_WORDS.sub(" ", SILENT.sub("", plain)).split()]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def without_titles(words: list[str]) -> list[str]:
    """The words of a folded name without the titles before it; the last word stays."""
    longest = 3
    at = 0
    while at < len(words) - 1:
        length = next((n for n in range(longest, 0, -1) if " ".join(words[at : at + n]) in _titles()), 0)
        if not length or at + length >= len(words):
            break
        if words[at] in KEPT and at + length == len(words) - 1:
            break
        at += length
    return words[at:]


def untitled(name: str) -> str:
    """A person's name as written, without the titles before it."""
    words = name.split()
    return " ".join(words[len(words) - len(without_titles([fold(word) for word in words])) :])


def _person(folded: str) -> str:
    words = without_titles(folded.split())
    while len(words) > 1 and words[-1] in LEGAL:
        words = words[:-1]
    return " ".join(_arabic([_spellings().get(word, word) for word in words]))


def _arabic(words: list[str]) -> list[str]:
    """The article is written in many ways: el-Sissi, Al Sisi, al-Sisi; before it, another word must stand, or after
    it.
    """
    return ["al" if word in ("el", "al") and at < len(words) - 1 else word for at, word in enumerate(words)]


def _american(word: str) -> str:
    for british, american in AMERICAN.items():
        word = word.replace(british, american)
    return word


# --- what the lists say, folded ---


@cache
def _titles() -> frozenset[str]:
    return frozenset(fold(title) for title in gazetteer.words().titles)


@cache
def _spellings() -> dict[str, str]:
    rows = [line.split() for line in gazetteer.lines("spellings.txt")]
    return {word: row[0] for row in rows for word in row}


@cache
def _countries(language: str) -> dict[str, str]:
    """The folded English name of a country by its folded names in a language."""
    found = gazetteer.countries(language)
    return {fold(name): fold(gazetteer.country_name(code)) for name, code in found.items()}


@cache
def _organisations() -> dict[str, str]:
    return {fold(name): fold(full) for name, full in gazetteer.organisations().items()}


@cache
def _only_upper() -> frozenset[str]:
    """Names that are common words unless written in capitals: US, WHO, ICE, IS."""
    names = [name.strip() for line in gazetteer.lines("organisations.txt") for name in line.split("|")]
    return frozenset(fold(name) for name in [*names, "US", "UK", "CAR"] if name.replace(".", "").isupper())
