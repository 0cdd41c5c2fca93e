"""Documents as they might come broken: pieces left out, doubled, moved, and strange words between them."""

from collections.abc import Sequence

from hypothesis import strategies as st

# words that parsers stumble over; none of them is long, deep or costly
WORDS = [
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b[31m", b"\xed\xa0\x80", b"\r", b"\n\n", "\u202e".encode()),
    *(b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"<", b">", b"/>", b"=", b'"', b"'"),
    *(b"&b;", b"&#0;", b"&#xD800;", b"&#xFFFF;", b"&#x110000;", b"\\ud800", b"\\u0000"),
    *(b"encoding='utf-16'", b"encoding='utf-7'", b"charset=utf-32"),
    *(b"1e999", b"-1", b"NaN", b"null", b"[]", b"{}", b"99999999999999999999"),
    *(b"%", b"%zz", b"http://[", b"https://[::1", b"//", b"javascript:", b"https://a.example:99999/"),
    *(b"https://\xc3\xbc.example/", b"https://a.example/" + b"x" * 5_000),
    *(b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"2026-11-23T12:00:00"),
    b"Thu, 99 Foo 9999 99:99:99 +9999",
]


@st.composite
def mutated(draw: st.DrawFn, seeds: Sequence[bytes], most_changes: int = 6) -> bytes:
    """One of the seeds, changed in a few places."""
    body = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, most_changes))):
        start, length = draw(st.integers(0, len(body))), draw(st.integers(0, 200))
        piece = body[start : start + length]
        change = draw(st.sampled_from(("leave out", "double", "insert", "replace", "cut")))
        word = draw(st.sampled_from(WORDS) | st.binary(max_size=4))
        body = {
            "leave out": body[:start] + body[start + length :],
            "double": body[:start] + piece + body[start:],
            "insert": body[:start] + word + body[start:],
            "replace": body[:start] + word + body[start + len(word) :],
            "cut": body[:start] if start > len(body) // 2 else body,
        }[change]
    return body
