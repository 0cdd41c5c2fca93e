"""Mentions: finds the names in an article's title and text, with where each stands and what kind it is.

In: title, text and language (ArticleText). Out: the text that was searched, its mentions, and how they were found
(FoundMentions).

English, and every language for which the settings name a spaCy package, by its model (`recogniser`); English also by
our own weights on top of it (`tagger`). Other languages by one tagger for all of them (`multilingual`), and those for
which it was never measured by a rule (`rule_mentions`). No names are found in a text of unknown language.

Time is bounded whatever the text: a number of words, of characters for each word, and no long runs of punctuation.
The text searched has each character where title, line feed and text have it, so offsets hold for both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from enrich import gazetteer
from enrich.entities import name_keys, tagger
from enrich.entities.english import tagger_features
from enrich.entities.english.recogniser import RecognisedText, pipeline_name, recognise
from enrich.entities.mention import ArticleText, FoundMentions, Mention, MentionKind
from enrich.entities.multilingual import tagged_mentions
from enrich.entities.rule_mentions import mentions_by_rules
from enrich.unspaced_scripts import UNSPACED, has_no_spaces

ENGLISH = "en"
UNKNOWN = "unknown"
TITLE_CHARACTERS = 400
CHARACTERS_PER_WORD, UNSPACED_CHARACTERS_PER_WORD = 12, 3  # that are read; the latter in scripts without spaces
MOST_TITLE_WORDS_BEHIND = 2  # words of a title that a span of the model left out: "Secretary" behind "US Defense"
TITLED_NAME_WORDS = range(2, 4)  # words of a name behind a title
KIND_OF_LABEL: dict[str, MentionKind] = {
    **dict.fromkeys(("PERSON", "PER"), "PER"),
    "ORG": "ORG",
    **dict.fromkeys(("GPE", "LOC", "FAC"), "LOC"),
    **dict.fromkeys(("NORP", "EVENT", "PRODUCT", "WORK_OF_ART", "LAW", "MISC"), "OTHER"),
}
WORD = re.compile(r"\S+")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")
LONG_PUNCTUATION = re.compile(r"(?<=[^\w\s]{3})[^\w\s]+")
LONG_WORD = re.compile(rf"[^\s{UNSPACED.pattern[1:-1]}]{{81,}}")


def find_mentions(
    article_texts: Sequence[ArticleText], max_words: int, models: Mapping[str, str]
) -> list[FoundMentions]:
    """The names in each title and the first `max_words` words of its text; `models` are spaCy packages by language."""
    texts = [searched_text(article, max_words) for article in article_texts]
    found: dict[int, list[Mention]] = {}
    for language, package in models.items():
        chosen = [at for at, article in enumerate(article_texts) if article.language == language]
        recognised = recognise([texts[at] for at in chosen], package)
        uses_tagger = language == ENGLISH and pipeline_name(package) == tagger.trained_pipeline()
        weights = tagger.load_weights() if uses_tagger else None
        found |= {at: mentions_by_model(text, weights) for at, text in zip(chosen, recognised, strict=True)}
    return [
        FoundMentions(text, found[at], "model") if at in found else _without_spacy(text, article_texts[at].language)
        for at, text in enumerate(texts)
    ]


def _without_spacy(text: str, language: str) -> FoundMentions:
    if language == UNKNOWN:
        return FoundMentions(text, [], "none")
    if language in tagged_mentions.LANGUAGES:
        return FoundMentions(text, tagged_mentions.find_mentions(text, language), "model")
    return FoundMentions(text, mentions_by_rules(text, language), "rules")


def searched_text(article: ArticleText, max_words: int) -> str:
    """The title, a line feed and the first `max_words` words; control characters and long runs are blanked out."""
    per_word = UNSPACED_CHARACTERS_PER_WORD if has_no_spaces(article.text) else CHARACTERS_PER_WORD
    text = article.text[: max_words * per_word]
    ends = [word.end() for word in islice(WORD.finditer(text), max_words)]
    raw = f"{article.title[:TITLE_CHARACTERS]}\n{text[: ends[-1] if ends else 0]}"
    for pattern in (CONTROL_CHARACTERS, LONG_PUNCTUATION, LONG_WORD):
        raw = pattern.sub(_blank_out, raw)
    return raw


def _blank_out(match: re.Match[str]) -> str:
    return " " * len(match[0])


# --- by a model ---


def mentions_by_model(text: RecognisedText, weights: tagger.TaggerWeights | None) -> list[Mention]:
    """The names of a text that spaCy has read: by its own spans, or where `weights` are given by our tagger."""
    if weights is None:
        of_kinds = (each for each in text.spans if each.label in KIND_OF_LABEL)
        return _clean_spans(text, ((each.start, each.end, KIND_OF_LABEL[each.label]) for each in of_kinds))
    runs = list(tagger_features.candidate_runs(text, gazetteer.phrase_kinds(ENGLISH), gazetteer.context_words()))
    tagged: list[tuple[int, int, MentionKind]] = [
        (a, b, KIND_OF_LABEL[label]) for a, b, label in tagger.tag_runs(runs, text, weights)
    ]
    taken = {at for start, end, _ in tagged for at in range(start, end)}
    tagged += [
        (start, end, "PER") for start, end in find_titled_persons(text.words) if taken.isdisjoint(range(start, end))
    ]
    taken |= {at for start, end, _ in tagged for at in range(start, end)}
    others = (each for each in text.spans if KIND_OF_LABEL.get(each.label) == "OTHER")
    left = [(a, b, KIND_OF_LABEL[label]) for a, b, label in others if taken.isdisjoint(range(a, b))]
    return _clean_spans(text, sorted([*tagged, *left]))


def find_titled_persons(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Two or three capitalised words behind a title, as in "spokesperson Öncü Keçeli": start and end, in words."""
    titles = gazetteer.context_words().titles
    for at, word in enumerate(words):
        if word in titles:
            end = at + 1
            while end < len(words) and words[end][0].isupper() and words[end].isalpha():
                end += 1
            if end - at - 1 in TITLED_NAME_WORDS:
                yield at + 1, end


def bare_model_mentions(text: RecognisedText) -> Iterator[Mention]:
    """The model's own entities without articles and possessives: the baseline of bench/entities.py."""
    for span in text.spans:
        start, end = _trim_span(text.words, span.start, span.end)
        if span.label in KIND_OF_LABEL and end > start:
            last = end - 1
            yield Mention(text.starts[start], text.starts[last] + len(text.words[last]), KIND_OF_LABEL[span.label])


def _clean_spans(text: RecognisedText, spans: Iterable[tuple[int, int, MentionKind]]) -> list[Mention]:
    """The mentions of spans of words, after titles, articles, possessives and next lines are cut off."""
    found = []
    lines = (line for span in spans for line in _split_at_line_ends(text.words, *span))
    for start, end, kind in (part for line in lines for part in _split_off_titles(text.words, *line)):
        first, last = _trim_span(text.words, start, end)
        phrase = " ".join(text.words[first:last]).lower()
        of_people = phrase in gazetteer.demonym_codes()
        if last > first and phrase not in gazetteer.context_words().alone:
            stop = text.starts[last - 1] + len(text.words[last - 1])
            found.append(Mention(text.starts[first], stop, "OTHER" if of_people else kind))
    return found


def _split_at_line_ends(
    words: Sequence[str], start: int, end: int, kind: MentionKind
) -> Iterator[tuple[int, int, MentionKind]]:
    """Ends a span at the end of its line, for no name goes on from the title into the text."""
    for at in range(start, end):
        if "\n" in words[at]:
            yield start, at, kind
            start = at + 1
    if start < end:
        yield start, end, kind


def _split_off_titles(
    words: Sequence[str], start: int, end: int, kind: MentionKind
) -> Iterator[tuple[int, int, MentionKind]]:
    """Parts a country, a title and a name: "U.S. Secretary of State Antony Blinken" is a country and a person."""
    country = _country_before_title(words, start, end)
    if country:
        yield start, start + country, "LOC"
        return
    lower = [word.lower() if word.count(".") > 1 else word.lower().rstrip(".") for word in words[start:end]]
    at, length = locate_titles(lower, kind == "PER")
    if at + length == 0:
        yield start, end, kind
        return
    before = gazetteer.phrase_kinds(ENGLISH).get(" ".join(lower[:at]), ())
    if "country" in before:
        yield start, start + at, "LOC"
    elif at and "people" not in before and kind != "PER":
        yield start, start + at, kind
    if at + length < end - start:
        yield start + at + length, end, "PER"


def _country_before_title(words: Sequence[str], start: int, end: int) -> int:
    """How many words the country has before the beginning of a title, 0 where it is not so.

    "US Defense" of "US Defense Secretary Lloyd Austin", "South Korea Foreign" of "South Korea Foreign Minister".
    """
    lower, titles = (
        [word.lower() for word in words[start : end + MOST_TITLE_WORDS_BEHIND]],
        gazetteer.context_words().titles,
    )
    known = gazetteer.phrase_kinds(ENGLISH)
    for count in range(1, min(gazetteer.LONGEST_PHRASE, end - start - 1) + 1):
        if "country" in known.get(" ".join(lower[:count]), ()) and any(
            " ".join(lower[count:stop]) in titles for stop in range(end - start, len(lower) + 1)
        ):
            return count
    return 0


def locate_titles(lower: Sequence[str], person: bool) -> tuple[int, int]:
    """At which of a name's lower-cased words its titles begin, and how many words they are: (0, 0) where none is.

    A title of one word ("King") counts only at the beginning of a `person`'s name; one of two or three words
    ("Secretary of State") counts anywhere, together with the titles behind it.
    """
    known, titles = gazetteer.phrase_kinds(ENGLISH), gazetteer.context_words().titles
    first = 0
    while (
        person
        and first < 2
        and first < len(lower) - 1
        and {"people", "country"} & {*known.get(" ".join(lower[: first + 1]), ())}
    ):
        first += 1
    end = first + len(lower[first:]) - len(name_keys.strip_title_words(list(lower[first:])))
    if person and end > first:
        return first, end - first
    for at in range(len(lower) - 1):
        for length in (3, 2):
            if " ".join(lower[at : at + length]) in titles and len(lower[at : at + length]) == length:
                rest = name_keys.strip_title_words(list(lower[at:])) if at + length < len(lower) else []
                return at, len(lower) - at - len(rest)
    return 0, 0


def _trim_span(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """The span without an article before it and a possessive behind it; empty where no letter is left."""
    while end > start and (words[end - 1] in ("'s", "’s", "'", "’") or words[end - 1].isspace()):
        end -= 1
    while end - start > 1 and (words[start].lower() in ("the", "a", "an") or words[start].isspace()):
        start += 1
    return start, end if any(c.isalpha() for word in words[start:end] for c in word) else start
