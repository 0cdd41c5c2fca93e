"""Name keys: the normal form under which all spellings of one name meet, so that they are counted as one entity.

In: a name as written, and the language of the text. Out: its key, in lower case, or the name without titles and
punctuation around it.

What is folded is spelling alone: case, accents, punctuation, titles, legal forms, British and American English,
romanisations of one name, the names of one country or organisation. Two names never get one key: a middle initial,
"Jr." and a first name stay in it. Pure.
"""

import re
import unicodedata
from functools import cache, lru_cache

from enrich import gazetteer
from enrich.inflection import nominatives
from pipeline.combining_marks import COMBINING_MARKS

LONGEST_NAME = 80  # characters: more is no name
POSSESSIVE = re.compile(r"(?:['’]s|['’])$", re.IGNORECASE)
LEADING_ARTICLE = re.compile(r"^(?:the|a|an|this|these|that|its|his|her|their)\s+", re.IGNORECASE)
DOTTED_ACRONYM = re.compile(r"(?:\w\.){2,}$")
ENDS_ABBREVIATED = re.compile(r"\b(?:Jr|Sr|Inc|Corp|Co|Ltd|Bros|St|No)\.$", re.IGNORECASE)
EDGE_CHARACTERS = " \t\n.,;:!?\"'“”‘’«»()[]{}<>|/*_–—-•&"
DROPPED_PUNCTUATION = re.compile(r"[.'’ʼ`´ʻ]")
NOT_WORDS = re.compile(rf"[^\w{COMBINING_MARKS}]+|_+")
VIRAMA = 9  # the combining class of the sign that joins consonants in the scripts of India: no accent
LETTER_REPLACEMENTS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "&": " and "}
)
LEGAL_FORM_WORDS = "inc corp corporation co ltd limited llc plc gmbh ag sa nv ab oyj spa"
LEGAL_FORMS = frozenset(LEGAL_FORM_WORDS.split())
# titles that belong to a name of one word: Pope Francis is not Francis
NAME_TITLE_WORDS = "king queen prince princess pope emperor empress saint father duke duchess crown"
NAME_TITLES = frozenset(NAME_TITLE_WORDS.split())
AMERICAN_SPELLINGS = {
    "isation": "ization",
    "centre": "center",
    "defence": "defense",
    "programme": "program",
    "harbour": "harbor",
}


def clean_name(span: str) -> str:
    """A name as written without possessive, leading article and punctuation at its edges; "" where no name is left."""
    name = " ".join(LEADING_ARTICLE.sub("", span.strip(EDGE_CHARACTERS.replace(".", ""))).split())
    name = POSSESSIVE.sub("", name)
    if not (DOTTED_ACRONYM.search(name) or ENDS_ABBREVIATED.search(name)):
        name = name.strip(EDGE_CHARACTERS)
    return name if len(name) <= LONGEST_NAME and any(c.isalpha() for c in name) else ""


@lru_cache(maxsize=100_000)
def name_key(name: str, language: str = gazetteer.ENGLISH) -> str:
    """The key that all spellings of a name share; `language` is that of the text, for its names of countries."""
    folded = fold_spelling(name)
    if folded in _upper_case_names() and not name.replace(".", "").isupper():
        return folded
    countries = _country_keys(language)
    country = next((countries[form] for form in nominatives(folded, language) if form in countries), None)
    if country:
        return country
    return _organisation_keys().get(folded) or _person_key(folded)


@lru_cache(maxsize=100_000)
def fold_spelling(name: str) -> str:
    """The name in lower case, without accents, punctuation and "the" before it, with one space between words."""
    folded = unicodedata.normalize("NFKC", name).casefold().translate(LETTER_REPLACEMENTS)
    plain = "".join(c for c in unicodedata.normalize("NFD", folded) if unicodedata.combining(c) in (0, VIRAMA))
    words = [_americanise(word) for word in NOT_WORDS.sub(" ", DROPPED_PUNCTUATION.sub("", plain)).split()]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def strip_title_words(words: list[str]) -> list[str]:
    """The words of a folded name without the titles before it; the last word is never taken away."""
    longest = 3
    at = 0
    while at < len(words) - 1:
        length = next((n for n in range(longest, 0, -1) if " ".join(words[at : at + n]) in _folded_titles()), 0)
        if not length or at + length >= len(words):
            break
        if words[at] in NAME_TITLES and at + length == len(words) - 1:
            break
        at += length
    return words[at:]


def strip_titles(name: str) -> str:
    """A person's name as written, without the titles before it."""
    words = name.split()
    return " ".join(words[len(words) - len(strip_title_words([fold_spelling(word) for word in words])) :])


def _person_key(folded: str) -> str:
    words = strip_title_words(folded.split())
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words = words[:-1]
    return " ".join(_unify_arabic_article([_romanisations().get(word, word) for word in words]))


def _unify_arabic_article(words: list[str]) -> list[str]:
    """Writes the Arabic article as "al" wherever a word follows it: el-Sissi, Al Sisi, al-Sisi."""
    return ["al" if word in ("el", "al") and at < len(words) - 1 else word for at, word in enumerate(words)]


def _americanise(word: str) -> str:
    for british, american in AMERICAN_SPELLINGS.items():
        word = word.replace(british, american)
    return word


# --- the gazetteer, folded ---


@cache
def _folded_titles() -> frozenset[str]:
    return frozenset(fold_spelling(title) for title in gazetteer.context_words().titles)


@cache
def _romanisations() -> dict[str, str]:
    rows = [line.split() for line in gazetteer.read_lines("spellings.txt")]
    return {word: row[0] for row in rows for word in row}


@cache
def _country_keys(language: str) -> dict[str, str]:
    """The folded English name of each country, by its folded names in a language."""
    found = gazetteer.country_codes(language)
    return {fold_spelling(name): fold_spelling(gazetteer.country_name(code)) for name, code in found.items()}


@cache
def country_codes_by_key() -> dict[str, str]:
    """The ISO code of each country by its key, which is one for all languages."""
    return {
        fold_spelling(gazetteer.country_name(code)): code
        for code in gazetteer.country_codes(gazetteer.ENGLISH).values()
    }


@cache
def _organisation_keys() -> dict[str, str]:
    return {fold_spelling(name): fold_spelling(full) for name, full in gazetteer.organisations().items()}


@cache
def _upper_case_names() -> frozenset[str]:
    """Folded names that are common words unless written in capitals: US, WHO, ICE, IS."""
    names = [name.strip() for line in gazetteer.read_lines("organisations.txt") for name in line.split("|")]
    return frozenset(fold_spelling(name) for name in [*names, "US", "UK", "CAR"] if name.replace(".", "").isupper())
