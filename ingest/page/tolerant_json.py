"""Tolerant JSON: reads JSON as publishers write it, with the faults that JSON-LD on real pages has. Pure.

In: a script's text. Out: the values in it; what can't be read at the end is left out. Mended are: comments and CDATA
marks around it, commas too many or missing, brackets missing at the end, values left out, quotes and line feeds that
are not escaped, wrong escapes, single quotes.

A library was weighed: json-repair guesses further (it makes values of prose), json5 and demjson3 mend no quotes. This
is asked only where the standard library has refused a script.
"""

import json
import re
from typing import Any

# marks of comments and CDATA before and behind the JSON, in whatever order software writes them
MARKS_BEFORE = re.compile(r"(?:\s|//|/\*|\*/|<!--|-->|<!\[CDATA\[|>)*+")
MARKS_BEHIND = re.compile(r"(?:\s|;|//|/\*|\*/|<!--|-->|<!|\]\]>)+$")
LONGEST_MARKS = 200  # characters
SPACE = re.compile(r"(?:\s|/\*.{0,300}?\*/)*+", re.DOTALL)
SPACE_AND_COMMAS = re.compile(r"[\s,;]*+")
BARE_WORD = re.compile(r"[^\s,:{}\[\]\"']*+")
# a quote ends a key or a value only where this follows it; others belong to the text
KEY_END = re.compile(r"\s*+:")
VALUE_END = re.compile(
    r"\s*+(?:[}\]]|$|,\s*+(?:[}\]\[{]|[\"'][^\"'\\\n]{0,80}[\"']\s*+:|$)|[\"'][^\"'\\\n]{0,80}[\"']\s*+:)"
)
ITEM_END = re.compile(r"\s*+(?:[}\]]|$|,\s*+(?:[}\]\[{\"'\d]|$))")
WRONG_ESCAPE = re.compile(r"\\(?![\"\\/bfnrt]|u[0-9a-fA-F]{4})")
BARE_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*+)"')
DEEPEST = 60  # levels of brackets


def read_json_values(script: str) -> list[Any]:
    """The values in a script that should hold one: strictly where it can be, else mended. Raises ValueError."""
    text = strip_comment_marks(script)
    try:
        return [json.loads(text, strict=False)]
    except RecursionError:
        raise ValueError("too deep") from None
    except ValueError:
        return list(_Reader(text).values())


def strip_comment_marks(script: str) -> str:
    """A script without the marks of comments and CDATA around it."""
    before = MARKS_BEFORE.match(script)
    text = script[before.end() if before else 0 :]
    end = max(0, len(text) - LONGEST_MARKS)
    return text[:end] + MARKS_BEHIND.sub("", text[end:])


class _Reader:
    """A position in a text, and what is read from there on."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def values(self) -> list[Any]:
        """Every object and list at the top; what follows behind something else is left out."""
        found = []
        while self._next(SPACE_AND_COMMAS) in ("{", "[", "}", "]") and self._at < len(self._text):
            if self._text[self._at] in "}]":
                self._at += 1  # one bracket too many
            else:
                found.append(self._value(VALUE_END, DEEPEST))
        return found

    def _next(self, skipped: re.Pattern[str] = SPACE) -> str:
        """The next character behind what is skipped; "" at the end."""
        match = skipped.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, end: re.Pattern[str], depth: int) -> Any:
        first = self._next()
        if not depth:
            raise ValueError("too deep")
        if first == "{":
            return self._object(depth - 1)
        if first == "[":
            return self._list(depth - 1)
        return self._string(end) if first in ("'", '"') else self._word()

    def _object(self, depth: int) -> dict[str, Any]:
        self._at += 1
        found: dict[str, Any] = {}
        while (first := self._next(SPACE_AND_COMMAS)) not in ("", "}", "]"):
            before = self._at
            key = self._string(KEY_END) if first in ("'", '"') else str(self._word())
            if self._next() == ":":
                self._at += 1
                found[key] = None if self._next() in ("", ",", "}", "]") else self._value(VALUE_END, depth)
            elif self._at == before:
                self._at += 1  # nothing that could be read
        self._close("}")
        return found

    def _list(self, depth: int) -> list[Any]:
        self._at += 1
        found: list[Any] = []
        while self._next(SPACE_AND_COMMAS) not in ("", "]", "}"):
            before = self._at
            found.append(self._value(ITEM_END, depth))
            self._at += self._at == before
        self._close("]")
        return found

    def _close(self, bracket: str) -> None:
        """Passes the closing bracket; another one belongs to what is around this."""
        self._at += self._text[self._at : self._at + 1] == bracket

    def _string(self, end: re.Pattern[str]) -> str:
        """The text up to the quote that ends it."""
        quote, start = self._text[self._at], self._at + 1
        at = self._text.find(quote, start)
        while at >= 0 and not (self._is_bare(at, start) and end.match(self._text, at + 1)):
            at = self._text.find(quote, at + 1)
        stop = len(self._text) if at < 0 else at
        self._at = stop + 1
        return _unescape(self._text[start:stop])

    def _is_bare(self, at: int, start: int) -> bool:
        """Whether the quote at this place has no backslash before it that escapes it."""
        first = at
        while first > start and self._text[first - 1] == "\\":
            first -= 1
        return (at - first) % 2 == 0

    def _word(self) -> Any:
        """A number, true, false or null; anything else without quotes is a text."""
        match = BARE_WORD.match(self._text, self._at)
        word = match[0] if match else ""
        self._at += len(word)
        try:
            return json.loads(word)
        except ValueError:
            return word


def _unescape(raw: str) -> str:
    """The text that is meant by the characters between two quotes."""
    mended = BARE_QUOTE.sub(r'\1\\"', WRONG_ESCAPE.sub("", raw))
    try:
        return str(json.loads(f'"{mended}"', strict=False))
    except ValueError:
        return raw
