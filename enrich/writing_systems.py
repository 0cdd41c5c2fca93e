"""Writing systems: which languages can be written in the letters of a text. Pure.

In: a text. Out: the languages (ISO 639-1) of the scripts that it is written in, or None where it has no letters.
Hebrew, Greek, Thai and the like are one language's; so a headline of two words in them tells its language.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

LATIN = "LATIN"
# the first word of a letter's name in Unicode -> languages with news that are written in it; kana is Japanese alone
SCRIPTS: dict[str, str] = {
    "ARABIC": "ar fa ku ps ur uz",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "ja zh",
    "CYRILLIC": "be bg kk ky mk mn ru sr tg uk uz",
    "DEVANAGARI": "hi mr ne",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
IN_LATIN_TOO = frozenset(["ku", "sr", "uz"])
MOST_LETTERS = 400  # that are looked at
LETTERS_OF_A_WORD = 3.0  # an ideograph stands for a word
SHARE = 0.25  # of the letters: a script that has fewer is that of names and quotations
KANA = ("HIRAGANA", "KATAKANA")
KANA_SHARE = 0.1  # of kana and ideographs: Japanese has more, Chinese that quotes a Japanese name has less


def languages_written_in(text: str, languages: Iterable[str]) -> frozenset[str] | None:
    """Those of `languages` that are written in the scripts of a text; None where it has no letters that tell."""
    letters = unicodedata.normalize("NFKC", text[:MOST_LETTERS])
    counted: Counter[str] = Counter(script for letter in letters if (script := _script(letter)))
    if not counted:
        return None
    if sum(counted[each] for each in KANA) >= KANA_SHARE * sum(counted[each] for each in (*KANA, "CJK")):
        del counted["CJK"]
    weights = {script: count * (LETTERS_OF_A_WORD if script == "CJK" else 1.0) for script, count in counted.items()}
    written = {each for each, weight in weights.items() if weight >= SHARE * sum(weights.values())}
    return frozenset(each for each in languages if written & _scripts_of(each))


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """The script of a letter, as Unicode names it; "" for what is no letter, or of a script without news."""
    script = unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
    return script if script == LATIN or script in SCRIPTS else ""


@lru_cache(maxsize=256)
def _scripts_of(language: str) -> frozenset[str]:
    own = {script for script, languages in SCRIPTS.items() if language in languages.split()}
    return frozenset({*own, LATIN} if not own or language in IN_LATIN_TOO else own)
