"""Ordinary oddities of the web that readers and scrapers were reported to fail at, each through the whole poller.

One newspaper shows them all, each in a feed of its own; it is polled three times, and changes between the polls. Each
test looks at what became of its feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY

from ingest.frontier.child_sitemaps import MOST_LISTED
from newsloom.demo.local_site import Behaviour, Resource, Site
from pipeline.messages import PAGELESS_PREFIX, Article
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Story, articles, letters, once, states, with_feeds

pytestmark = pytest.mark.stack

CONSENT_HOST = "127.0.0.2"
WALLS = {  # title and text of a wall, by language
    "en": ("Before you continue", "We and our 842 partners store cookies on your device. Do you accept?"),
    "de": ("Ihre Privatsphäre", "Wir und unsere Partner speichern Cookies auf Ihrem Gerät. Zustimmen?"),
    "fr": ("Votre vie privée", "Nous et nos partenaires stockons des cookies sur votre appareil."),
    "es": ("Su privacidad", "Nosotros y nuestros socios almacenamos cookies en un dispositivo."),
    "it": ("La tua privacy", "Noi e i nostri partner archiviamo cookie su un dispositivo."),
    "pl": ("Twoja prywatność", "My i nasi partnerzy przechowujemy pliki cookie na urządzeniu."),
    "cs": ("Vaše soukromí", "My a naši partneři ukládáme soubory cookie v zařízení."),
    "pt": ("A sua privacidade", "Nós e os nossos parceiros armazenamos cookies num dispositivo."),
    "nl": ("Uw privacy", "Wij en onze partners slaan cookies op een apparaat op."),
    "eu": ("Zure baimena behar dugu", "Orri hau irakurtzeko, onartu gure baldintzak eta jarraitu. Eskerrik asko."),
}
HEADLINES = (
    "500 jobs to go",
    "404 migrants rescued",
    "Cookie settings of the city broke the law",
    "Stadtrat gibt Zustimmung",
    "Not found: the missing ballots",
)
JAPANESE = "市長は新しい橋の費用について話した。町の人は三年の夏を待つ。"
FERRY = "Ferry sinks in the outer harbour"
GONE = (
    "Nurses march to the old hospital",
    "Rain floods cellars along the canal",
    "Chess club wins a third pennant",
    "Library opens on Sundays again",
    "Mayor of Dover names her deputies",
)
MANY = MOST_LISTED + 10  # sitemaps of one index
CODED = {  # an encoding, and text in it
    "shift_jis": JAPANESE,
    "euc-jp": JAPANESE,
    "gbk": "市长说,新桥将耗资一千一百万,居民要等三个夏天。",
    "euc-kr": "시장은 새 다리에 대해 말했다. 주민들은 세 번의 여름을 기다린다.",
    "big5": "市長說,新橋將耗資一千一百萬,居民要等三個夏天。",
}


def page(slug: str, head: str = "", title: str = "") -> bytes:
    """The page of the story of this name, with more in its head."""
    return Story(slug, title=title).html().replace(b"</head>", head.encode() + b"</head>")


def item(slug: str, link: str = "", summary: str = "", guid: str = "", title: str = "", day: int = 5) -> str:
    """An item of a feed; `link` is a path, an address, or "none"."""
    story = Story(slug, title=title)
    address = f"<link>{escape(link or f'/{slug}.html')}</link>" if link != "none" else ""
    text = summary or f"The council of {slug} met on Tuesday to decide about the old bridge over the river."
    return (
        f"<item><title>{story.title}</title>{address}<guid isPermaLink='false'>{guid or slug}</guid>"
        f"<description>{text}</description><pubDate>{day:02} Nov 2024 10:00:00 GMT</pubDate></item>"
    )


@dataclass
class Oddities:
    """The newspaper: what it shows at each poll."""

    site: Site
    consent: Site
    feeds: list[str] = field(default_factory=list)

    def show(self, path: str, *items: str) -> None:
        """A feed with these items."""
        body = f"<rss version='2.0'><channel><title>Paper</title>{''.join(items)}</channel></rss>"
        self.put(path, body.encode(), "application/rss+xml")

    def put(self, path: str, body: bytes, content_type: str = "text/html; charset=utf-8", **headers: str) -> None:
        if content_type != "text/html; charset=utf-8" and path not in self.feeds and "child" not in path:
            self.feeds.append(path)
        self.site.resources[path] = Resource(body, content_type, headers)

    def redirect(self, path: str, target: str) -> None:
        self.site.behaviours[path] = Behaviour(302, headers={"location": target})

    def first(self) -> None:
        """Everything, as it is at the first poll."""
        self._walls()
        self._canonicals()
        self._other_pages()
        self._pages()
        self._feeds()
        self._sitemaps()

    def _walls(self) -> None:
        for language, (title, text) in WALLS.items():
            self.consent.resources[f"/{language}"] = Resource(
                f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>".encode()
            )
            self.redirect(f"/wall-{language}.html", f"{self.consent.url}/{language}?back=/wall-{language}.html")
        self.show("/walls.xml", *(item(f"wall-{language}") for language in WALLS))

    def _canonicals(self) -> None:
        for name, head in (
            ("template", '<link rel="canonical" href="/template.html">'),
            ("ogtemplate", '<meta property="og:url" content="/ogtemplate.html">'),
            ("section", '<link rel="canonical" href="/regional/">'),
        ):
            slugs = [f"2026/11/{name}-{town}-votes-again" for town in ("Arden", "Brome", "Corby")]
            for slug in slugs:
                self.put(f"/{slug}.html", page(slug, head))
            self.show(f"/{name}.xml", *(item(slug) for slug in slugs))
        for number in (4711, 4712, 4713):
            self.put(f"/news.php?id={number}", page(f"Town{number}", '<link rel="canonical" href="/news.php">'))
        self.show("/query.xml", *(item(f"Town{n}", f"/news.php?id={n}") for n in (4711, 4712, 4713)))
        self.put("/Mistaken.html", page("Mistaken", '<link rel="canonical" href="/Ferry.html">'))
        self.put("/Ferry.html", page("Ferry", title=FERRY))
        self.show("/claimed.xml", item("Ferry", day=4, title=FERRY), item("Mistaken"))

    def _other_pages(self) -> None:
        teasers = "".join(
            f"<div><h2>{title}</h2><p>{title}: read here why it matters to everybody.</p></div>" for title in GONE
        )
        home = f"<h1>Marsh Courier</h1><main>{teasers}</main>"
        self.put("/", f"<html><head><title>Marsh Courier</title></head><body>{home}</body></html>".encode())
        self.put("/towns/", self.site.resources["/"].body)
        links = [f"/2026/11/{'-'.join(title.lower().split())}.html" for title in GONE]
        self.redirect(links[0], "/")
        self.redirect(links[1], "/towns/")
        self.put(links[2], b"<html><title>Error 404</title><h1>Page not found</h1><p>Sorry.</p></html>")
        front = self.site.resources["/"].body.replace(b"</head>", b"<link rel=canonical href='/'></head>")
        self.put(links[3], front)
        self.put("/2026/11/what-elgin-decided.html", page("Elgin"))
        self.redirect(links[4], "/2026/11/what-elgin-decided.html")
        told = (f"{title}: read here why it matters to everybody." for title in GONE)
        self.show(
            "/gone.xml",
            *(item(link, link, text, title=title) for link, text, title in zip(links, told, GONE, strict=True)),
        )

    def _pages(self) -> None:
        for number, title in enumerate(HEADLINES):
            self.put(f"/brief-{number}.html", page("Dover", title=title))
        self.show("/briefs.xml", *(item(f"brief-{n}", title=title) for n, title in enumerate(HEADLINES)))
        self.put("/hop.html", b"<meta http-equiv='refresh' content='0; url=/hop2.html'><a href='/hop2.html'>On</a>")
        self.put("/hop2.html", b"<meta http-equiv='refresh' content='5;URL=/Landed.html'><p>One moment.</p>")
        self.put("/Landed.html", page("Landed"))
        self.put("/Wrapped.html", page("Wrapped"))
        alert = f"https://www.google.com/url?rct=j&url={self.site.url.replace(':', '%3A')}/Wrapped.html&ct=ga"
        self.show("/links.xml", item("Landed", "/hop.html"), item("Wrapped", alert))
        for encoding, text in CODED.items():
            body = f"<html><head><meta charset={encoding}><title>{text[:8]}</title></head><body><h1>{text[:8]}</h1><p>"
            broken = text.encode(encoding)[:-3] + text[-1].encode(encoding)[:1]
            whole = body.encode(encoding) + f"{text}</p><p>".encode(encoding) * 9
            self.put(f"/{encoding}.html", whole + broken + b"</p></body></html>")
        self.show("/encodings.xml", *(item(name, title=text[:8]) for name, text in CODED.items()))

    def _feeds(self) -> None:
        self.show("/nolink.xml", item("Alert", "none", "The ferry is late."))
        links = "".join(f"<link rel='alternate' hreflang='{n}' href='/Bridge-{n}.html'/>" for n in ("en", "de", "fr"))
        atom = f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='de'><title>P</title><entry><id>1</id>{links}"
        self.put("/alternates.xml", f"{atom}<title>Bridge</title></entry></feed>".encode(), "application/atom+xml")
        for language in ("en", "de", "fr"):
            self.put(f"/Bridge-{language}.html", page(f"Bridge-{language}"))
        self.put("/Frome.html", page("Frome"))
        self.show("/corrected.xml", item("Frome"))
        self.put("/Tracked.html", page("Tracked"))
        self.track(1)
        self.put("/tagged.xml", b"<rss version='2.0'><channel><title>T</title></channel></rss>", "text/xml", ETag='"1"')
        for day in range(1, 10):
            self.put(f"/Day{day}.html", page(f"Day{day}"))
        self.show("/oldest-first.xml", *(item(f"Day{day}", day=day) for day in range(1, 10)))

    def _sitemaps(self) -> None:
        children = "".join(f"<sitemap><loc>{self.site.url}/child{n}.xml</loc></sitemap>" for n in range(12))
        self.put("/index.xml", f"<sitemapindex>{children}</sitemapindex>".encode(), "application/xml")
        few = "".join(f"<sitemap><loc>{self.site.url}/child-few{n}.xml</loc></sitemap>" for n in range(3))
        self.put("/few.xml", f"<sitemapindex>{few}</sitemapindex>".encode(), "application/xml")
        dated = "<sitemap><loc>{0}/child-many{1}.xml</loc><lastmod>2024-11-05T10:{2:02}:{3:02}Z</lastmod></sitemap>"
        many = "".join(dated.format(self.site.url, n, *divmod(n, 60)) for n in range(MANY))
        self.put("/many.xml", f"<sitemapindex>{many}</sitemapindex>".encode(), "application/xml")
        for path in (*(f"/child{n}.xml" for n in range(12)), *(f"/child-few{n}.xml" for n in range(3))):
            self.put(path, b"<urlset/>", "application/xml")

    def track(self, poll: int) -> None:
        """A link whose tracking is another one at each poll."""
        self.show("/tracked.xml", item("Tracked", f"/Tracked.html?utm_term={poll}&fbclid=x{poll}"))

    def second(self) -> None:
        """The second poll: an address was corrected, validators and tracking changed."""
        self.redirect("/short/frome", "/2026/frome-bridge.html")
        self.put("/2026/frome-bridge.html", page("Frome").replace(b"</article>", b"<p>A ferry will run.</p></article>"))
        self.show("/corrected.xml", item("Frome", "/short/frome"))
        self.track(2)
        self.put("/tagged.xml", self.site.resources["/tagged.xml"].body, "text/xml", ETag='"2"')
        urls = f"<url><loc>{self.site.url}/Late.html</loc></url>"
        self.put("/child-few2.xml", f"<urlset>{urls}</urlset>".encode(), "application/xml")
        self.put("/Late.html", page("Late"))


@dataclass
class Run:
    """What came of the three polls."""

    paper: Oddities
    options: Settings
    cut: float  # counted in all

    def of(self, feed: str) -> list[Article]:
        """The articles of the feed at this path, in their order."""
        return [each for each in articles(self.options) if each.feed_url == self.paper.site.url + feed]

    def paths(self, feed: str) -> dict[str, str]:
        """The paths of a feed's articles, with where their text is from."""
        return {each.url.removeprefix(self.paper.site.url): each.text_from for each in self.of(feed)}

    def asked(self, start: str) -> list[str]:
        return [path for path in self.paper.site.paths() if path.startswith(start)]


@pytest.fixture(scope="module")
def run(shared_options: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with Site() as site, Site(host=CONSENT_HOST) as consent:
        paper = Oddities(site, consent)
        paper.first()
        folder: Path = tmp_path_factory.mktemp("situations")
        options = with_feeds(shared_options, folder, [site.url + path for path in paper.feeds])
        options = replace(options, ingest=replace(options.ingest, connections_per_host=1))
        counted = entries_cut()
        once(options)
        paper.second()
        once(options)
        paper.track(3)
        once(options)
        yield Run(paper, options, entries_cut() - counted)


def entries_cut() -> float:
    """The metric."""
    return REGISTRY.get_sample_value("newsloom_feed_entries_cut_total") or 0.0


# --- the right page ---


def test_walls_of_another_host_become_no_article_in_any_language(run: Run) -> None:
    found = run.of("/walls.xml")
    assert run.paths("/walls.xml") == {f"/wall-{language}.html": "feed" for language in WALLS}
    assert len(found) == len(WALLS)
    assert all(each.title == Story(each.url.rpartition("/")[2].removesuffix(".html")).title for each in found)
    assert {each.belonging_reasons[0] for each in found} <= {"unreadable_page", "other_page"}


@pytest.mark.parametrize("name", ["template", "ogtemplate"])
def test_a_canonical_address_that_another_entry_has_claimed_takes_no_article_away(name: str, run: Run) -> None:
    found = run.paths(f"/{name}.xml")
    towns = {each.title.partition(f"{name}-")[2].partition("-")[0] for each in run.of(f"/{name}.xml")}
    assert towns == {"Arden", "Brome", "Corby"}
    assert list(found.values()) == ["page"] * 3
    assert len(found.keys() - {f"/{name}.html"}) == 2


def test_a_canonical_address_of_a_section_is_not_believed(run: Run) -> None:
    towns = ("Arden", "Brome", "Corby")
    assert run.paths("/section.xml") == {f"/2026/11/section-{town}-votes-again.html": "page" for town in towns}


def test_a_canonical_address_without_the_query_that_tells_articles_apart_is_not_believed(run: Run) -> None:
    assert run.paths("/query.xml") == {f"/news.php?id={number}": "page" for number in (4711, 4712, 4713)}


def test_the_address_of_a_waiting_entry_is_left_to_it(run: Run) -> None:
    titles = {each.url.removeprefix(run.paper.site.url): each.title for each in run.of("/claimed.xml")}
    assert titles == {"/Mistaken.html": Story("Mistaken").title, "/Ferry.html": FERRY}


def test_home_section_error_and_other_pages_in_an_articles_place_are_refused_and_say_so(run: Run) -> None:
    found = run.of("/gone.xml")
    assert {each.text_from for each in found} == {"feed"}
    assert {each.url.rpartition("/")[2] for each in found} == {
        f"{'-'.join(title.lower().split())}.html" for title in GONE
    }
    reasons = {each.title: each.belonging_reasons[0] for each in found}
    told = ("no_article_page", "no_article_page", "unreadable_page", "no_article_page", "other_page")
    assert reasons == dict(zip(GONE, told, strict=True))


def test_real_headlines_that_sound_like_errors_and_walls_are_articles(run: Run) -> None:
    assert {each.title: each.text_from for each in run.of("/briefs.xml")} == dict.fromkeys(HEADLINES, "page")
    assert all((each.belonging or 0) > 0.99 for each in run.of("/briefs.xml"))


def test_a_meta_refresh_is_a_redirect_and_wrapped_links_are_unwrapped(run: Run) -> None:
    assert run.paths("/links.xml") == {"/Landed.html": "page", "/Wrapped.html": "page"}


def test_a_broken_character_costs_no_page(run: Run) -> None:
    found = {each.url.rpartition("/")[2].removesuffix(".html"): each for each in run.of("/encodings.xml")}
    assert {name: each.text_from for name, each in found.items()} == dict.fromkeys(CODED, "page")
    assert all(text in found[name].text for name, text in CODED.items())


# --- nothing missed ---


def test_an_item_without_a_link_is_published_from_its_text(run: Run) -> None:
    [found] = run.of("/nolink.xml")
    assert (found.text, found.text_from) == ("The ferry is late.", "feed")
    assert found.url.startswith(PAGELESS_PREFIX)


def test_of_several_alternates_the_page_in_the_feeds_own_language_is_fetched(run: Run) -> None:
    assert run.asked("/Bridge-") == ["/Bridge-de.html"]


def test_a_corrected_address_that_redirects_is_a_revision(run: Run) -> None:
    first, second = run.of("/corrected.xml")
    assert (first.id, first.revision, second.revision) == (second.id, 1, 2)
    assert second.url.endswith("/2026/frome-bridge.html")
    assert second.changed == ("text",)


def test_an_address_whose_tracking_changes_at_each_poll_is_fetched_once(run: Run) -> None:
    assert len(run.asked("/Tracked.html")) == 1


def test_a_new_etag_of_an_equal_body_is_kept(run: Run) -> None:
    requests = [each for each in run.paper.site.requests if each.path == "/tagged.xml"]
    assert [each.headers.get("if-none-match") for each in requests] == [None, '"1"', '"2"']


def test_the_newest_of_a_feed_that_is_sorted_oldest_first_is_fetched_first(run: Run) -> None:
    assert run.asked("/Day") == [f"/Day{day}.html" for day in range(9, 0, -1)]


def test_the_sitemaps_of_an_index_without_dates_are_all_read_and_news_in_them_is_found(run: Run) -> None:
    assert set(run.asked("/child")) >= {f"/child{number}.xml" for number in range(12)}
    assert [run.asked("/child-few").count(f"/child-few{number}.xml") for number in range(3)] == [3, 3, 3]
    assert run.paths("/few.xml") == {"/Late.html": "page"}


def test_a_cut_is_said_counted_and_shown_and_what_is_newest_is_left(run: Run) -> None:
    state = states(run.options)[f"{run.paper.site.url}/many.xml"]
    assert state.cut == MANY - MOST_LISTED
    assert any(f"{state.cut} too many, the oldest, were left out" in each.detail for each in state.events)
    assert run.cut >= state.cut
    assert run.asked("/child-many")[0] == f"/child-many{MANY - 1}.xml"


def test_no_page_that_was_refused_is_lost_without_a_word(run: Run) -> None:
    """Whatever could not be read lies with the dead letters too."""
    buried = {each.subject.removeprefix(run.paper.site.url) for each in letters(run.options)}
    unreadable = [each for each in articles(run.options) if each.belonging_reasons[:1] == ("unreadable_page",)]
    assert {each.url.removeprefix(run.paper.site.url) for each in unreadable} <= buried
