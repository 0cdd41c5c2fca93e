"""Character encoding: decodes the body of a page, whatever encoding it is in. Pure.

In: the body and the headers of the answer. Out: the page as text; Poison `unreadable_page` when no encoding fits. Tried
in this order: byte order mark, UTF-8 if the body is valid UTF-8, the encoding that header or meta tag claims,
detection.
"""

import codecs
import re
from collections.abc import Iterator, Mapping

from trafilatura.utils import detect_encoding

from pipeline.failures import Poison

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# label on a page -> the encoding that browsers read it as, which is often a larger one (WHATWG Encoding, 4.2)
WHATWG_ENCODINGS = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "tis-620": "cp874",
    "x-gbk": "gb18030",
}
CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w\-.:]+)", re.IGNORECASE)
# the meta tag is looked for here; browsers read 1024 bytes, but real pages put it later
META_BYTES = 8192
# encodings whose bytes may be valid UTF-8 too, but mean other text; where one is claimed, it is tried before UTF-8
CONFUSED_WITH_UTF8 = ("iso-2022", "hz", "utf-16", "utf-32")
# the largest share of replacement characters in a text that is accepted when no encoding fits
MOST_REPLACED = 0.02
# the largest share of broken ones among the characters outside of ASCII, in an encoding that fits: of a page in another
# encoding nearly all are
MOST_BROKEN = 0.1
REPLACEMENT = "\ufffd"


def decode_body(body: bytes, headers: Mapping[str, str]) -> str:
    """The body as text. Raises Poison `unreadable_page` for a PDF, an empty body, or bytes that are no text.

    Valid UTF-8 goes before what header and meta claim, because other encodings are practically never valid UTF-8 and
    servers often claim their default.
    """
    if body.startswith(b"%PDF-") or not body.strip():
        raise Poison("unreadable_page", "a PDF" if body.strip() else "an empty answer")
    for encoding in _candidate_encodings(body, headers):
        text = _decode_nearly(body, encoding)
        if text is not None:
            return text
    forced = body.decode("utf-8", errors="replace")
    if forced.count(REPLACEMENT) > MOST_REPLACED * len(forced):
        raise Poison("unreadable_page", "not text in any encoding that was tried")
    return forced


def _decode_nearly(body: bytes, encoding: str) -> str | None:
    """The body in this encoding; a broken character costs that character. None where the encoding does not fit."""
    try:
        text = body.decode(encoding, errors="replace")
    except (LookupError, UnicodeError):
        return None
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    return text if text.count(REPLACEMENT) <= MOST_BROKEN * foreign else None


def _candidate_encodings(body: bytes, headers: Mapping[str, str]) -> Iterator[str]:
    """The encodings to try, the likeliest first; detection, which is slow, only when the others failed."""
    yield from (name for mark, name in BOMS if body.startswith(mark))
    claimed = [label for label in (_header_charset(headers), _meta_charset(body)) if label]
    yield from (label for label in claimed if label.startswith(CONFUSED_WITH_UTF8))
    if b"\0" not in body:
        yield "utf-8"
        yield from (WHATWG_ENCODINGS.get(label, label) for label in claimed)
        yield from detect_encoding(body)


def _header_charset(headers: Mapping[str, str]) -> str:
    claimed = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    return _charset(claimed)


def _meta_charset(body: bytes) -> str:
    return _charset(body[:META_BYTES].decode("ascii", errors="replace"))


def _charset(text: str) -> str:
    match = CHARSET.search(text)
    return match.group(1).lower() if match else ""
