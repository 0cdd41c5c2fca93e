"""Title words: cuts off titles and offices that stand before or behind a person's name, in many languages.

In: the words of a span that names a person, and the language. Out: the span without titles; it keeps a word at least.
"Präsidenten Emmanuel Macron" is Emmanuel Macron. The titles are in config/names. Pure.
"""

from collections.abc import Sequence

from enrich import gazetteer

LONGEST_TITLE = 4  # words, or characters of a script without spaces


def cut_titles(words: Sequence[str], start: int, end: int, language: str) -> tuple[int, int]:
    """Start and end of a person's name without the titles and full stops around it."""
    titles = gazetteer.titles(language)
    at, stop = start, end
    while at < stop and (length := _title_length(words[at:stop], titles)):
        at += length
    while stop > at and (length := _title_length_behind(words[at:stop], titles)):
        stop -= length
    return (at, stop) if at < stop else (start, end)


def _title_length(words: Sequence[str], titles: frozenset[str]) -> int:
    """How many words are titles at the beginning; a full stop behind one is a part of it."""
    if words[0] == ".":
        return 1
    return next((n for n in range(min(LONGEST_TITLE, len(words)), 0, -1) if _is_title(words[:n], titles)), 0)


def _title_length_behind(words: Sequence[str], titles: frozenset[str]) -> int:
    return next((n for n in range(min(LONGEST_TITLE, len(words)), 0, -1) if _is_title(words[-n:], titles)), 0)


def _is_title(words: Sequence[str], titles: frozenset[str]) -> bool:
    return " ".join(words).lower() in titles or (len(words) > 1 and "".join(words) in titles)
