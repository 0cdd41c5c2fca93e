"""Foreign text made safe for a terminal. What comes from the web or from a topic is printed through `printable` only.

In: a text that anybody may have written. Out: a text of bounded length whose every character only shows itself: no
escape sequence, no other control character, nothing that turns the direction of what stands around it. What is left
out is seen: ESC becomes the four characters \\x1b.
"""

import re

MOST_CHARACTERS = 2_000  # of a text that is printed: ten lines of a wide terminal
# control characters (C0, DEL, C1: also as single characters they begin escape sequences), line and paragraph
# separators, embeddings, overrides and isolates of direction (Unicode TR 36, "Trojan Source"), halves of surrogate
# pairs (which can't be encoded), interlinear annotation and tags (which nobody sees). Marks of direction (200E, 200F)
# and joiners stay: Arabic, Hebrew and Persian are written with them.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
WHITE_SPACE = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")


def printable(text: str, most: int = MOST_CHARACTERS, *, lines: bool = False) -> str:
    """The text, safe for a terminal and cut to `most` characters; on one line, or (`lines`) with its line breaks."""
    parts = text[:most].replace("\r\n", "\n").split("\n") if lines else [text[:most]]
    shown = "\n".join(map(_one_line, parts))
    return shown if len(text) <= most else f"{shown}… ({len(text) - most} more characters)"


def escape_unsafe(text: str) -> str:
    """The text with each unsafe character written as JSON and Python write it in a string: \\u001b, \\ud83d\\ude00."""
    return UNSAFE.sub(lambda match: _json_escape(match.group()), text)


def is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: no half of a surrogate pair, as which Python holds bytes that are none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _one_line(text: str) -> str:
    return UNSAFE.sub(_python_escape, WHITE_SPACE.sub(" ", text))


def _python_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
