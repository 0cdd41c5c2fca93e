"""Quality of languages on short texts: `python -m bench.languages.headlines [--sentences FOLDER]`.

In: headlines of the corpus (English articles, and pages whose text and <html lang> agree about their language), and of
FOLDER files CODE.txt with a sentence a line, as pemistahl/lingua-py has them in language-testdata/sentences; DSLCC's
can be put into the same form. Out: tables by length, and by language for close pairs, with n and the shares of right,
unknown and wrong, before (docs/decisions/0026) and now: with nothing declared, with the right language declared, with
English ("de" for English), and with the closest other one. Every second sentence is left out: by those the weights
were set.
"""

import argparse
import gzip
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from enrich.language import CODES, UNKNOWN, detect
from pipeline.settings import ROOT

LENGTHS = (30, 60, 120)  # characters: below the first, below the second, ...
CUTS = (29, 55, 110, 400)  # to which sentences are cut, one after the other
ENGLISH_HEADLINES = 1_500
MOST_SENTENCES = 240  # of a language
LONG = 300  # characters of a text that tells its language
# who is taken for whom
CLOSEST = {
    "bs": "hr", "hr": "sr", "sr": "bs", "no": "da", "da": "no", "id": "ms", "ms": "id", "cs": "sk", "sk": "cs",
    "pt": "es", "gl": "pt", "es": "gl", "bg": "mk", "mk": "bg", "ur": "fa", "fa": "ar", "ar": "fa", "hi": "mr",
    "mr": "hi", "ru": "uk", "uk": "ru", "sv": "no", "nl": "af", "zh": "ja", "ja": "zh", "az": "tr", "tr": "az",
}  # fmt: skip
NORWEGIAN = {"nb": "no", "nn": "no"}


class Sample(NamedTuple):
    """A short text, its true language, and the set that it is of."""

    text: str
    language: str
    source: str


Detect = Callable[[str, str | None], str]


# --- the texts ---


def corpus_headlines(corpus: Path) -> Iterator[Sample]:
    """Headlines of the corpus whose language is known."""
    with gzip.open(corpus / "background" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for _, line in zip(range(ENGLISH_HEADLINES), lines, strict=False):
            yield Sample(json.loads(line)["title"], "en", "corpus: English articles")
    for row in map(json.loads, (corpus / "pages" / "fundus" / "truth.jsonl").read_text(encoding="utf-8").splitlines()):
        language = detect("", row["text"], None).code
        if row["title"] and len(row["text"]) >= LONG and _html_language(corpus, row) == language:
            yield Sample(row["title"], language, "corpus: pages of many languages")


def _html_language(corpus: Path, row: Mapping[str, str]) -> str:
    from ingest.page.extract import read_page  # noqa: PLC0415 - a second to import

    body = gzip.decompress((corpus / "pages" / "fundus" / row["file"]).read_bytes())
    told = read_page(body, row["url"], {}).language or ""
    return NORWEGIAN.get(told, told)


def sentences(folder: Path) -> Iterator[Sample]:
    """The sentences of a folder, cut to the lengths of headlines; of languages that we know."""
    for file in sorted(folder.glob("*.txt")):
        language = NORWEGIAN.get(file.stem, file.stem)
        if language in CODES.split():
            lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
            for at, line in enumerate(lines[1::2][:MOST_SENTENCES]):
                yield Sample(_cut(line, CUTS[at % len(CUTS)]), language, f"sentences of {folder.name}")


def _cut(text: str, most: int) -> str:
    end = text.rfind(" ", 0, most) if len(text) > most else len(text)
    return text[: end if end > most // 2 else most]


# --- the readers ---


def detect_now(text: str, declared: str | None) -> str:
    """As the annotate stage does, of a title alone."""
    return detect(text, "", declared).code


def make_detect_before() -> Detect:
    """The rule before: the model's answer, but below 60 characters what is declared where the model is not sure."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages([*CODES.split(), "zxx"])

    def detect_before(text: str, declared: str | None) -> str:
        best, confidence = model.rank(text)[0]
        detected = best != "zxx" and confidence >= 0.2
        if detected and (declared is None or len(text) >= 60 or confidence >= 0.9):
            return str(best)
        return declared or UNKNOWN

    return detect_before


CLOSE = "wrong: the closest"
DECLARED: Mapping[str, Callable[[str], str | None]] = {
    "nothing declared": lambda _: None,
    "right": lambda language: language,
    "wrong: English, German": lambda language: "en" if language != "en" else "de",
    CLOSE: CLOSEST.get,
}


# --- the figures ---


def judge(samples: list[Sample], read: Detect, declared: Callable[[str], str | None]) -> list[str]:
    """Right, unknown or wrong for each text."""
    found = (read(each.text, declared(each.language)) for each in samples)
    return [
        "right" if code == each.language else "unknown" if code == UNKNOWN else "wrong"
        for code, each in zip(found, samples, strict=True)
    ]


class Judged(NamedTuple):
    """A sample with what was declared of it, and what was made of it before and now."""

    sample: Sample
    declared: str
    outcomes: tuple[str, str]


def judge_all(samples: list[Sample]) -> list[Judged]:
    """Every sample with every declaration; the closest language only for those that have one."""
    readers = (make_detect_before(), detect_now)
    judged = []
    for name, declared in DECLARED.items():
        chosen = [each for each in samples if name != CLOSE or each.language in CLOSEST]
        outcomes = zip(*(judge(chosen, read, declared) for read in readers), strict=True)
        judged += [Judged(each, name, pair) for each, pair in zip(chosen, outcomes, strict=True)]
    return judged


def print_table(title: str, judged: Iterable[Judged], key: Callable[[Sample], str]) -> None:
    """A line for each key and each thing that is declared, with the shares before and now."""
    counts: dict[tuple[str, str], tuple[Counter[str], Counter[str]]] = defaultdict(lambda: (Counter(), Counter()))
    for each in judged:
        for counter, outcome in zip(counts[key(each.sample), each.declared], each.outcomes, strict=True):
            counter[outcome] += 1
    print(f"\n{title:<36}{'declared':<24}{'n':>6} | {'before':^23} | {'now':^23}")
    for (name, declared), pair in sorted(counts.items(), key=lambda each: (list(DECLARED).index(each[0][1]), each[0])):
        shares = (" ".join(f"{c[o] / c.total():7.3f}" for o in ("right", "unknown", "wrong")) for c in pair)
        print(f"{name:<36}{declared:<24}{pair[0].total():>6} | " + " | ".join(shares))


def length_class(text: str) -> str:
    """The class of a text's length, as it stands in the table."""
    below = next((each for each in LENGTHS if len(text) < each), None)
    return f"below {below:>3} characters" if below else f"{LENGTHS[-1]:>3} characters and more"


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="How often the language of a headline is told right.")
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    parser.add_argument("--sentences", type=Path, action="append", default=[], help="a folder with files CODE.txt")
    options = parser.parse_args()
    print("shares of right, unknown, wrong")
    if options.corpus.exists():
        of_corpus = judge_all(list(corpus_headlines(options.corpus)))
        print_table("headlines", of_corpus, lambda each: each.source)
        print_table("headlines of the corpus", of_corpus, lambda each: length_class(each.text))
    for folder in options.sentences:
        judged = judge_all(list(sentences(folder)))
        print_table(f"sentences of {folder.name}", judged, lambda each: length_class(each.text))
        close = (each for each in judged if each.sample.language in CLOSEST and len(each.sample.text) < LENGTHS[-1])
        print_table("close languages, below 120", close, lambda each: each.language)
    return 0


if __name__ == "__main__":
    sys.exit(main())
