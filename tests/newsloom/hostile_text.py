"""Text as somebody writes it who wants to be more than read: harmless escape codes, markup, turned directions."""

import re

from pipeline.printable import UNSAFE

ESCAPES = "\x1b[31mred\x1b]0;a title\x07 \x9b1m \x00 \x7f"
MARKUP = "[red]not red[/red] [/link] [link=https://b.example]b[/] [bold"
TURNED = "\u202egnp.exe\u2066"
LINES = "first\r\nSECOND LINE\u2028THIRD LINE"
HOSTILE = f"{MARKUP} {ESCAPES} {TURNED} {LINES} {'x' * 5_000}"
# in an address as a feed writes it
ADDRESS = "https://a.example/[/link]/[red]\x1b[31m\u202e"
# what must be readable in any output that shows HOSTILE or ADDRESS: brackets are text
SEEN = re.compile(r"\[/link\]")


def what_is_unsafe(printed: str) -> list[str]:
    """The characters of an output that could steer a terminal, with what stands before them."""
    text = printed.replace("\n", "")
    return [text[max(0, found.start() - 20) : found.end()] for found in UNSAFE.finditer(text)]
