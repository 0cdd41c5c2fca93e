"""Fields of RSS and Atom: which link is the page, who wrote it, what is text and what a caption; broken characters."""

import pytest

from ingest.feeds.entry import Entry, ParsedFeed
from ingest.feeds.parse import parse_feed
from ingest.feeds.rss_atom_fields import author_name

URL = "https://courier.example/feed/"
MEDIA = "xmlns:media='http://search.yahoo.com/mrss/'"


def atom(entry: str, head: str = "", language: str = "") -> Entry:
    body = (
        f"<feed xmlns='http://www.w3.org/2005/Atom' {language}><title>News</title>{head}<entry>{entry}</entry></feed>"
    )
    [found] = parse_feed(body.encode(), URL, {}).entries
    return found


def rss(item: str, namespaces: str = MEDIA) -> Entry:
    body = f"<rss version='2.0' {namespaces}><channel><title>News</title><item>{item}</item></channel></rss>"
    [found] = parse_feed(body.encode(), URL, {}).entries
    return found


def links(*tags: str) -> str:
    """Alternate links, each at the address that its language tag gives; a tag with a "2" is a language's second."""
    named = [(f"hreflang='{tag.rstrip('2')}'" if tag else "", tag or "none") for tag in tags]
    return "".join(f"<link rel='alternate' type='text/html' {tag} href='/{path}'/>" for tag, path in named)


@pytest.mark.parametrize(
    ("language", "tags", "wanted"),
    [
        ("xml:lang='de'", ("en", "de", "de2", "fr"), "de"),
        ("xml:lang='de-AT'", ("en", "de", "de-AT", "fr"), "de-AT"),
        ("xml:lang='de-AT'", ("en", "de", "fr"), "de"),
        ("xml:lang='pt-BR'", ("pt-PT", "pt-BR"), "pt-BR"),
        ("xml:lang='it'", ("en", "", "fr"), "none"),
        ("xml:lang='it'", ("en", "fr"), "en"),
        ("", ("en", "fr"), "en"),
        ("", ("fr", "x-default", "en"), "x-default"),
        ("", ("", "de"), "none"),
    ],
)
def test_of_several_alternates_the_first_in_the_feeds_own_language(
    language: str, tags: tuple[str, ...], wanted: str
) -> None:
    assert atom(f"<id>1</id>{links(*tags)}", language=language).url == f"https://courier.example/{wanted}"


def test_in_rss_too_and_the_entrys_language_goes_before_the_feeds() -> None:
    item = "<link>/plain</link><atom:link rel='alternate' hreflang='en' href='/en'/>"
    body = (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><language>de</language>"
        f"<item>{item}</item><item>{item}<atom:link rel='alternate' hreflang='de' href='/de'/></item></channel></rss>"
    )
    assert [each.url for each in parse_feed(body.encode(), URL, {}).entries] == [
        "https://courier.example/plain",
        "https://courier.example/de",
    ]
    own = f"<id>1</id><title xml:lang='fr'>Le mur</title>{links('de', 'fr')}"
    assert atom(own, language="xml:lang='de'").url == "https://courier.example/fr"


def test_a_link_to_something_else_is_no_page() -> None:
    sound = "<link rel='enclosure' href='/a.mp3' type='audio/mpeg'/>"
    others = f"{sound}<link rel='alternate' href='/a.pdf' type='application/pdf'/>"
    assert atom(f"<id>1</id>{others}<link href='/page'/>").url == "https://courier.example/page"


def test_a_redirectors_link_is_its_target() -> None:
    link = "https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://courier.example/wall%3Fid%3D7&amp;ct=ga"
    assert atom(f"<id>1</id><link href='{link}'/>").url == "https://courier.example/wall?id=7"
    assert rss(f"<link>{link}</link>").url == "https://courier.example/wall?id=7"


PICTURE = "<media:content url='https://img.example/1.jpg' medium='image'>{}</media:content>"


@pytest.mark.parametrize(
    "item",
    [
        "<media:group><media:description>A gull</media:description></media:group><description>Voted.</description>",
        "<description>Voted.</description><media:description type='html'>A gull</media:description>",
        "<media:description>A gull</media:description><description>Voted.</description>"
        + PICTURE.format("<media:description>A gull again</media:description>"),
        PICTURE.format("<media:description>A gull</media:description>") + "<description>Voted.</description>",
    ],
)
def test_a_pictures_description_is_no_text(item: str) -> None:
    found = rss(f"<title>Wall</title>{item}")
    assert (found.summary, found.content) == ("Voted.", "")


def test_a_pictures_description_is_no_text_where_there_is_no_other() -> None:
    caption = "<media:description>A gull</media:description>"
    for item in (caption, PICTURE.format(caption)):
        found = rss(f"<title>Wall</title>{item}")
        assert (found.summary, found.content) == ("", "")
    renamed = rss("<title>Wall</title><m:description>A gull</m:description>", "xmlns:m='http://search.yahoo.com/mrss/'")
    assert (renamed.summary, renamed.content) == ("", "")


def test_a_videos_description_is_its_text() -> None:
    group = (
        "<media:group><media:title>Wall</media:title>"
        "<media:content url='https://video.example/1' type='application/x-shockwave-flash'/>"
        "<media:description>The council has voted.\nSee the film.</media:description></media:group>"
    )
    found = rss(f"<title>Wall</title>{group}")
    assert (found.summary, found.content) == ("", "The council has voted.\nSee the film.")
    assert rss(f"<title>Wall</title><description>Voted.</description>{group}").content == ""


@pytest.mark.parametrize(
    ("kind", "written", "wanted"),
    [
        ("type='text'", "Why &lt;br&gt; and &lt;b&gt;walls&lt;/b&gt; matter", "Why <br> and <b>walls</b> matter"),
        ("", "1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
        ("type='text'", "<![CDATA[a <i>b</i>]]>", "a <i>b</i>"),
        ("type='html'", "Why &lt;b&gt;walls&lt;/b&gt; &amp;amp; matter", "Why walls & matter"),
        ("type='text/html'", "Why &lt;b&gt;walls&lt;/b&gt;", "Why walls"),
        ("type='xhtml'", "<div xmlns='http://www.w3.org/1999/xhtml'>Why <b>walls</b></div>", "Why walls"),
    ],
)
def test_atom_text_shows_its_characters(kind: str, written: str, wanted: str) -> None:
    fields = "".join(f"<{name} {kind}>{written}</{name}>" for name in ("title", "summary", "content"))
    found = atom(f"<id>1</id>{fields}")
    assert (found.title, found.summary, found.content) == (wanted, wanted, wanted)


def test_rss_is_html_as_ever() -> None:
    assert rss("<title>A &lt;b&gt;wall&lt;/b&gt; &amp;amp; a ferry</title>").title == "A wall & a ferry"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("x@y.media (Hanna Lindqvist)", "Hanna Lindqvist"),
        ("x@y.photography (Jo)", "Jo"),
        ("news@courier.example (Hanna Lindqvist)", "Hanna Lindqvist"),
        ("Hanna Lindqvist (x@y.media)", "Hanna Lindqvist"),
        ("Hanna Lindqvist <x@y.media>", "Hanna Lindqvist"),
        ("<x@y.media> Hanna Lindqvist", "Hanna Lindqvist"),
        ("mailto:x@y.media (Hanna Lindqvist)", "Hanna Lindqvist"),
        ("x@y.media", ""),
        ("Hanna Lindqvist (Reuters)", "Hanna Lindqvist (Reuters)"),
        ("Hanna @hanna", "Hanna @hanna"),
        ("", ""),
    ],
)
def test_an_authors_name(written: str, wanted: str) -> None:
    names = (wanted,) if wanted else ()
    escaped = written.replace("<", "&lt;").replace(">", "&gt;")
    assert author_name(written) == wanted
    assert rss(f"<title>A</title><author>{escaped}</author>").authors == names
    assert atom(f"<id>1</id><author><name>{escaped}</name></author>").authors == names
    creator = f"<title>A</title><dc:creator>{escaped}</dc:creator>"
    assert rss(creator, "xmlns:dc='http://purl.org/dc/elements/1.1/'").authors == names


def test_the_names_of_several_authors() -> None:
    people = "".join(f"<dc:creator>{each}</dc:creator>" for each in ("x@y.media (Hanna)", "Bo", "Ann (a@b.digital)"))
    found = rss(f"<title>A</title>{people}", "xmlns:dc='http://purl.org/dc/elements/1.1/'")
    assert found.authors == ("Hanna", "Bo", "Ann")
    both = "<id>1</id><author><name>Hanna</name><email>x@y.media</email></author><author><name>Bo</name></author>"
    assert atom(both).authors == ("Hanna", "Bo")


# --- broken characters ---


def feed_of(titles: list[bytes], declared: str = "utf-8", charset: str = "") -> ParsedFeed:
    items = b"".join(b"<item><title>%s</title><link>/%d</link></item>" % (each, n) for n, each in enumerate(titles))
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    body = head.encode() + b"<rss version='2.0'><channel><title>N</title>" + items + b"</channel></rss>"
    return parse_feed(body, URL, {"content-type": f"text/xml; charset={charset}"} if charset else {})


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Bürgermeister grüßt Gäste"),
        ("utf-8", "西浜市、防潮堤を再建へ"),
        ("shift_jis", "西浜市、防潮堤を再建へ"),
        ("euc-jp", "西浜市、防潮堤を再建へ"),
        ("gbk", "海堤将重建，市议会表决通过"),
        ("big5", "海堤將重建，市議會表決通過"),
        ("euc-kr", "방파제 재건축 시의회 통과"),
    ],
)
@pytest.mark.parametrize("said_by", ["document", "server"])
def test_a_broken_character_costs_that_character(encoding: str, text: str, said_by: str) -> None:
    cut = text.encode(encoding)[: -1 if encoding != "utf-8" else -2] + b"\x80\xff..."
    titles = [cut, *(f"{text} {number}".encode(encoding) for number in range(4))]
    found = feed_of(titles, encoding) if said_by == "document" else feed_of(titles, "", encoding)
    assert [each.title for each in found.entries[1:]] == [f"{text} {number}" for number in range(4)]
    assert found.entries[0].title.startswith(text[:4])
    assert "broken character" in (found.error or "")


def test_a_document_in_another_encoding_than_it_says_is_not_taken_for_broken() -> None:
    found = feed_of(["Bürgermeister grüßt Gäste".encode("windows-1252")] * 3)
    assert {each.title for each in found.entries} == {"Bürgermeister grüßt Gäste"}
    whole = feed_of(["Bürgermeister grüßt Gäste".encode()] * 3, "iso-8859-15", "utf-8")
    assert {each.title for each in whole.entries} == {"Bürgermeister grüßt Gäste"}


def test_a_character_that_xml_forbids_costs_that_character() -> None:
    for forbidden in (b"\x0b", b"&#x1f;", b"&#0;", b"&nbsp;", b"\xef\xbf\xbf"):
        found = feed_of(["Gäste".encode() + forbidden, "Bürgermeister".encode()])
        assert [each.title for each in found.entries][1] == "Bürgermeister"
        assert found.entries[0].title.startswith("Gäste")


def test_a_sitemap_with_a_broken_character_keeps_its_entries() -> None:
    url = "<url><loc>https://courier.example/{}</loc><n:news><n:title>{}</n:title></n:news></url>"
    entries = "".join(url.format(number, "西浜市、防潮堤を再建へ") for number in range(4)).encode("euc-jp")
    body = (
        b"<?xml version='1.0' encoding='euc-jp'?><urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>"
        + url.format(9, "XX").encode().replace(b"XX", "西浜市".encode("euc-jp")[:-1])
        + entries
        + b"</urlset>"
    )
    found = parse_feed(body, URL, {}).entries
    assert [each.title for each in found[1:]] == ["西浜市、防潮堤を再建へ"] * 4


def test_an_entry_is_in_its_own_language_else_in_its_feeds() -> None:
    item = "<title xml:lang='{}'>A</title><id>1</id>"
    assert atom(item.format("nn-NO"), language="xml:lang='nb'").language == "nn"
    assert atom("<title>A</title><id>1</id>", language="xml:lang='nb'").language == "nb"
    assert rss("<title>A</title>").language is None
    body = b"<rss version='2.0'><channel><language>sr-Latn-RS</language><item><title>A</title></item></channel></rss>"
    assert parse_feed(body, URL, {}).entries[0].language == "sr"
