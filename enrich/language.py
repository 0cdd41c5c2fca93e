"""Language: detects the language of an article.

Detection takes the title, the text, and what page, feed and list of feeds say the language is. It returns an ISO 639-1
code, a confidence from 0 to 1, and where the language was read.

The only module that imports py3langid. What is said is evidence, not truth: it is weighed as odds against those of the
model, so it settles headlines and close pairs (Bosnian and Serbian, Indonesian and Malay), and yields to a text that is
plainly in another language. Figures: docs/decisions/0026, `python -m bench.languages.headlines`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, NamedTuple

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from enrich import bosnian_croatian_serbian
from enrich.writing_systems import languages_written_in

UNKNOWN = "unknown"
TITLE_CHARACTERS = 400
TEXT_CHARACTERS = 600
# What it weighs that one source names a language, as a logarithm of odds, and that one more names the same: e to the
# 3.5th is 33. Few sources are wrong about their language, but they are wrong together: one program writes them all.
CLAIM_WEIGHT = 3.5
AGREEMENT_WEIGHT = 0.75
LEAST_CONFIDENCE = 0.2  # below, nothing counts as detected: words of no language, names alone, code
NO_LINGUISTIC_CONTENT = "zxx"  # the model's own code
# ISO 639-1 of languages with news; the model's others (an, ia, la, oc, pcm, ...) are where its errors come from
CODES = (
    "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu ha he hi hr hu hy id is it ja ka kk km kn "
    "ko ku ky lo lt lv mk ml mn mr ms mt my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th tl tr uk ur "
    "uz vi zh zu"
)
LANGUAGES = frozenset(CODES.split())
# the model's languages that we don't tell apart: Nynorsk, Cantonese, Wu, Arabic of Egypt and Morocco
FOLDED = {"nn": "no", "yue": "zh", "wuu": "zh", "arz": "ar", "ary": "ar"}
# other codes for the same, and codes of countries that are taken for codes of languages
CODE_ALIASES = {
    **FOLDED, "nb": "no", "iw": "he", "in": "id", "fil": "tl", "mo": "ro", "sh": "sr",
    "cn": "zh", "cz": "cs", "dk": "da", "gr": "el", "jp": "ja", "kr": "ko", "rs": "sr", "se": "sv", "ua": "uk",
}  # fmt: skip
# py3langid's model knows Serbian in Cyrillic: in Latin letters it gives too little, the more the longer the text
# (per root of a byte, and what half of its word is worth beside ours; set on DSLCC 2.0, judged on DSLCC 1.0)
SERBIAN_IN_LATIN = 0.12
HALF = 0.5
LEAST_PROBABILITY = 1e-30


class Language(NamedTuple):
    """An ISO 639-1 code or "unknown", a confidence from 0 to 1, and where the language was read."""

    code: str
    confidence: float
    source: Literal["text", "page", "feed", "none"]


def detect(title: str, text: str, by_page: str | None, by_feed: Iterable[str] = ()) -> Language:
    """The language of an article.

    `by_page` is a code as the page has it ("en", "pt-BR"), or None; `by_feed` those of its entry, its feed and the list
    of feeds. The source is the text where it tells the same by itself.
    """
    sample = f"{title[:TITLE_CHARACTERS]}\n{text[:TEXT_CHARACTERS]}".strip()
    of_text = _weigh_text(sample)
    claims = Counter(code for each in (by_page, *by_feed) if (code := _normalise_code(each)) in of_text)
    if claims:
        del of_text[NO_LINGUISTIC_CONTENT]
    code, confidence = _choose({each: weight + _claim_weight(claims[each]) for each, weight in of_text.items()})
    if code == NO_LINGUISTIC_CONTENT or confidence < LEAST_CONFIDENCE:
        return Language(UNKNOWN, 0.0, "none")
    return Language(code, round(confidence, 4), _source(code, of_text, by_page, claims))


def _source(
    code: str, of_text: Mapping[str, float], by_page: str | None, claims: Mapping[str, int]
) -> Literal["text", "page", "feed"]:
    alone, confidence = _choose(of_text)
    if code not in claims or (alone == code and confidence >= LEAST_CONFIDENCE):
        return "text"
    return "page" if _normalise_code(by_page) == code else "feed"


def _claim_weight(sources: int) -> float:
    return CLAIM_WEIGHT + AGREEMENT_WEIGHT * (sources - 1) if sources else 0.0


def _choose(weights: Mapping[str, float]) -> tuple[str, float]:
    """The language with the best odds, and its probability."""
    best = max(weights, key=lambda each: weights[each])
    return best, 1 / sum(math.exp(weight - weights[best]) for weight in weights.values())


def _weigh_text(sample: str) -> dict[str, float]:
    """What a text alone says for each language that can be written in its letters: logarithms of odds."""
    probabilities: dict[str, float] = {}
    for code, probability in _identifier().rank(sample):
        language = FOLDED.get(code, code)
        probabilities[language] = max(probability, probabilities.get(language, 0.0))
    written = languages_written_in(sample, LANGUAGES) or LANGUAGES
    weights = {
        code: math.log(max(each, LEAST_PROBABILITY))
        for code, each in probabilities.items()
        if code in written or code == NO_LINGUISTIC_CONTENT
    }
    return weights | (_tell_serbian(sample, weights) if "bs" in weights else {})


def _tell_serbian(sample: str, weights: Mapping[str, float]) -> dict[str, float]:
    """Bosnian, Croatian and Serbian in Latin letters: what the model gives the three together, shared out by words."""
    words = bosnian_croatian_serbian.weigh(sample)
    shares = {code: HALF * weights[code] + words[code] for code in words}
    shares["sr"] += HALF * SERBIAN_IN_LATIN * math.sqrt(len(sample.encode(errors="surrogatepass")))
    together, best = max(weights[code] for code in words), max(shares.values())
    return {code: together + share - best for code, share in shares.items()}


def _normalise_code(claimed: str | None) -> str | None:
    """A claimed code as one of LANGUAGES; None where it is none of them."""
    primary = (claimed or "").strip().lower().replace("_", "-").partition("-")[0]
    code = CODE_ALIASES.get(primary, primary)
    return code if code in LANGUAGES else None


@cache
def _identifier() -> LanguageIdentifier:
    """The model, loaded once for each process: 2 s, 140 MB. Its probabilities are normalised over LANGUAGES."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([*LANGUAGES, *FOLDED, NO_LINGUISTIC_CONTENT])
    return identifier
