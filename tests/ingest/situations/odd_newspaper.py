"""A newspaper with the ordinary oddities of the web, each in a feed of its own: what it shows at each poll."""

from dataclasses import dataclass, field
from html import escape

from ingest.frontier.child_sitemaps import MOST_LISTED
from newsloom.demo.local_site import Behaviour, Resource, Site
from tests.ingest.local_newspaper import Story

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
