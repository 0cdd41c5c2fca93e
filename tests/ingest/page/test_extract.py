"""Reading whole pages: their encodings, text and metadata, and pages that hold no article."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.entry import Entry
from ingest.page.character_encoding import decode_body
from ingest.page.extract import Page, find_refresh_url, read_page
from pipeline.failures import Poison

URL = "https://news.example/2024/bridge?x=1"
TEXT = "Der Bürgermeister öffnete die Brücke über den Fluß, und die Läden jubelten, weil die Straße wieder frei ist."
BODY = f"<article><h1>Die Brücke</h1><p>{TEXT}</p><p>{TEXT[::-1]}</p></article>"


def page(head: str = "", body: str = BODY, html: str = "", **headers: str) -> Page:
    markup = f"<!doctype html><html {html}><head><title>Die Brücke</title>{head}</head><body>{body}</body></html>"
    return read_page(markup.encode(), URL, headers)


def test_text_and_title() -> None:
    found = page()
    assert (found.url, found.title) == (URL, "Die Brücke")
    assert TEXT in found.text.split("\n")


def test_the_title_comes_from_the_feed_where_the_page_has_none() -> None:
    body = f"<article><p>{TEXT}</p><p>{TEXT[::-1]}</p></article>".encode()
    found = read_page(body, URL, {}, Entry(identity="1", url=URL, title="Die Brücke ist offen"))
    assert found.title == "Die Brücke ist offen"
    assert found.sources["title"][0] == "feed"


def test_what_the_feed_says_is_no_headline_of_the_page() -> None:
    """Else every page had its entry's title, and could not be told from another (ingest/belonging)."""
    entry = Entry(identity="1", url=URL, title="Der Markt wird verlegt")
    found = read_page(
        f"<html><head><title>Die Brücke</title></head><body>{BODY}</body></html>".encode(), URL, {}, entry
    )
    assert (found.title, found.alternative_titles, found.headlines) == ("Die Brücke", (entry.title,), ("Die Brücke",))


@pytest.mark.parametrize(
    ("encoding", "headers", "meta"),
    [
        ("utf-8", {}, ""),
        ("utf-8", {"Content-Type": "text/html; charset=iso-8859-1"}, ""),
        ("utf-8-sig", {"Content-Type": "text/html; charset=iso-8859-1"}, ""),
        ("utf-16", {}, ""),
        ("cp1252", {"Content-Type": "text/html; charset=iso-8859-1"}, ""),
        ("latin-1", {}, "<meta charset='latin1'>"),
        ("cp1252", {}, '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">'),
        ("cp1252", {"Content-Type": "text/html; charset=nonsense"}, ""),
        ("cp1252", {}, ""),
    ],
)
def test_charsets(encoding: str, headers: dict[str, str], meta: str) -> None:
    text = f"<html><head>{meta}</head><body>{BODY * 3}</body></html>"
    assert "Bürgermeister öffnete die Brücke über den Fluß" in decode_body(text.encode(encoding), headers)


@pytest.mark.parametrize(
    ("encoding", "label", "text"),
    [
        ("gb18030", "gb2312", "市长说,新桥将耗资一千一百万。"),
        ("cp932", "Shift_JIS", "市長は新しい橋の費用について話した。"),
        ("iso-2022-jp", "ISO-2022-JP", "市長は新しい橋の費用について話した。"),
        ("cp949", "euc-kr", "시장은 새 다리에 대해 말했다."),
        ("koi8-r", "KOI8-R", "Мэр рассказал о новом мосте."),
        ("cp1254", "iso-8859-9", "Belediye başkanı yeni köprüyü açtı."),
    ],
)
def test_charsets_that_only_the_label_tells(encoding: str, label: str, text: str) -> None:
    body = f"<meta charset={label}><p>{text}</p>".encode(encoding)
    assert text in decode_body(body, {})
    assert text in decode_body(f"<p>{text}</p>".encode(encoding), {"content-type": f'text/html; charset="{label}"'})


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "市長は新しい橋の費用について話した。"),
        ("euc-jp", "市長は新しい橋の費用について話した。"),
        ("gbk", "市长说,新桥将耗资一千一百万。"),
        ("euc-kr", "시장은 새 다리에 대해 말했다."),
        ("big5", "市長說,新橋將耗資一千一百萬。"),
        ("utf-8", "市長は新しい橋の費用について話した。"),
        ("utf-8", "Der Bürgermeister öffnete die Brücke über den Fluß."),
    ],
)
def test_a_broken_character_costs_that_character(encoding: str, text: str) -> None:
    broken = f"<p>{text}</p>".encode(encoding) * 20 + text.encode(encoding)[:-4] + "橋ü".encode(encoding, "ignore")[:1]
    found = decode_body(f"<meta charset={encoding}>".encode() + broken + b"...</p>", {})
    assert found.count(text) == 20
    assert found.count("\ufffd") <= 2


def test_a_broken_character_in_utf8_does_not_make_it_the_claimed_latin1() -> None:
    body = f"<p>{TEXT}</p>".encode() * 3 + b"<p>\xc3</p>"
    assert TEXT in decode_body(body, {"Content-Type": "text/html; charset=iso-8859-1"})


def test_a_byte_of_latin1_is_not_taken_for_broken_utf8() -> None:
    assert "Brücke" in decode_body(b"<p>Br\xfccke</p>", {"Content-Type": "text/html; charset=iso-8859-1"})


def test_metadata_of_the_head() -> None:
    head = """<link rel="canonical" href="/2024/bridge"><meta property="article:section" content="Towns">
      <meta property="og:image" content="/i.jpg">
      <meta property="article:published_time" content="2024-11-05T10:00:00+02:00">
      <meta property="article:modified_time" content="2024-11-06T10:00:00Z"><meta name="author" content="Jane Doe">"""
    found = page(head, html='lang="de-AT"')
    assert (found.canonical_url, found.language) == ("https://news.example/2024/bridge", "de")
    assert (found.published, found.published_day_only) == (datetime(2024, 11, 5, 8, tzinfo=UTC), False)
    assert found.modified == datetime(2024, 11, 6, 10, tzinfo=UTC)
    assert (found.section, found.authors) == ("Towns", ("Jane Doe",))


def test_all_tags_of_one_name() -> None:
    tags = ("harbour", "sea wall", "council")
    assert page("".join(f'<meta property="article:tag" content="{tag}">' for tag in tags)).tags == tags


PARAGRAPHS = "".join(f"<p>{number}. {TEXT}</p>" for number in range(8))
STORY = f"<article><h1>Die Brücke</h1>{PARAGRAPHS}{{}}</article>"


@pytest.mark.parametrize(
    "body",
    [
        STORY.format(
            "<table>" + "".join(f"<tr><td>Verein {n}</td><td>{9 - n}</td></tr>" for n in range(8)) + "</table>"
        ),
        STORY.format("<h2>Zutaten</h2><ul>" + "".join(f"<li>Verein {n}</li>" for n in range(8)) + "</ul>"),
        STORY.format("<ol>" + "".join(f"<li>Verein {n}</li>" for n in range(8)) + "</ol>"),
    ],
)
def test_tables_and_lists_are_kept(body: str) -> None:
    assert sum(f"Verein {number}" in page(body=body).text for number in range(8)) == 8


FOREIGN = "Der Hafenmeister sagte am Montag, die Flut sei in diesem Jahr höher gewesen als je zuvor seit dem Krieg."


@pytest.mark.parametrize(
    "appended",
    [
        f"<article><h1>Die Flut</h1>{f'<p>{FOREIGN}</p>' * 8}</article>",
        "<section id='comments'><h2>Kommentare</h2>"
        + "".join(f"<div class='comment'><b>Leser {n}</b><p>{n} {FOREIGN}</p></div>" for n in range(6))
        + "</section>",
        "<div><h3>Mehr zum Thema</h3>"
        + "".join(
            f"<div><h4><a href='/{n}'>Ein anderer Bericht {n}</a></h4><p>{n} {FOREIGN}</p></div>" for n in range(6)
        )
        + "</div>",
    ],
)
def test_what_follows_the_article_is_left_out(appended: str) -> None:
    found = page(body=f"<main>{STORY.format('')}{appended}</main>").text
    assert f"7. {TEXT}" in found
    assert FOREIGN not in found


def test_furigana_are_no_part_of_a_word() -> None:
    ruby = "<ruby>橋<rp>(</rp><rt>はし</rt><rp>)</rp></ruby>が開通した。"
    found = page(body=f"<article><h1>橋</h1><p>{ruby * 9}</p><p>{TEXT}</p></article>")
    assert "橋が開通した。橋が開通した。" in found.text
    assert "はし" not in found.text


@pytest.mark.parametrize(
    ("head", "wanted"),
    [
        ('<meta http-equiv="refresh" content="0; url=/2026/wall">', "https://news.example/2026/wall"),
        ("<meta http-equiv=Refresh content=\"5;URL='https://other.example/a'\">", "https://other.example/a"),
        ('<meta http-equiv="refresh" content="3, url=wall">', "https://news.example/2024/wall"),
        ('<meta http-equiv="refresh" content="300; url=/2026/wall">', None),
        ('<meta http-equiv="refresh" content="0">', None),
        ('<meta http-equiv="refresh" content="0; url=https://news.example/2024/bridge?x=1">', None),
        ('<meta http-equiv="refresh" content="0; url=javascript:go()">', None),
        ('<noscript><meta http-equiv="refresh" content="0; url=/without-script"></noscript>', None),
    ],
)
def test_a_page_that_sends_readers_on(head: str, wanted: str | None) -> None:
    assert page(head).refresh_url == wanted


def test_a_page_that_only_sends_readers_on_is_no_article() -> None:
    markup = (
        '<meta http-equiv="refresh" content="0; url=/wall"><p>If nothing happens, <a href="/wall">click here</a>.</p>'
    )
    with pytest.raises(Poison) as caught:
        read_page(markup.encode(), URL, {})
    assert str(caught.value).endswith("no article: sends readers on to https://news.example/wall")
    assert find_refresh_url(markup.encode(), {}, URL) == "https://news.example/wall"


def test_metadata_of_json_ld() -> None:
    data = """{"@graph": [{"@type": "WebSite"}, {"@type": ["NewsArticle"], "datePublished": "2024-11-05T08:00:00Z",
      "inLanguage": "fr-FR"}]}"""
    found = page(f'<script type="application/ld+json">{data}</script><script type="application/ld+json">{{</script>')
    assert (found.published, found.language) == (datetime(2024, 11, 5, 8, tzinfo=UTC), "fr")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"%PDF-1.7 ...",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"<html><body></body></html>",
        b"<html><body><script>var a = 'no text but a script';</script></body></html>",
        b'{"message": "not found"}',
    ],
)
def test_pages_without_text(body: bytes) -> None:
    with pytest.raises(Poison) as caught:
        read_page(body, URL, {})
    assert caught.value.reason == "unreadable_page"


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300)
    | st.text(alphabet=st.sampled_from("<>/!?&;[]-=\"' abdivphtml\0\ufffe{}"), max_size=300).map(str.encode),
    st.dictionaries(st.just("content-type"), st.text(max_size=40)),
)
def test_any_bytes_are_a_page_or_poison(body: bytes, headers: dict[str, str]) -> None:
    with suppress(Poison):
        assert read_page(body, URL, headers).text
