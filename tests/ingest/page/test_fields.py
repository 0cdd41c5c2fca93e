"""The fields of a page: structured data, titles without site names, authors, times, tags, and the kind of the page."""

import pytest
from lxml import html

from ingest.boilerplate.blocks import split_into_blocks
from ingest.page.bylines.person_name import parse_bylines
from ingest.page.metadata import find_language, find_tags
from ingest.page.page_kind import PageContents, classify_page_kind
from ingest.page.structured_data import StructuredData, read_structured_data
from ingest.page.title import find_alternative_titles, find_title

HOST = "www.arden-ledger.example"
ARTICLE = {"@type": "NewsArticle", "headline": "Bridge opens again"}


def test_structured_data_of_a_head() -> None:
    found = read_structured_data(
        html.document_fromstring("""<html lang=en><head><title>T</title><meta property="og:title" content="O&shy;G">
        <link rel=canonical href=/a><script type="application/ld+json">{"@graph": [{"@type":
        "https://schema.org/NewsArticle",
        "headline": "A &amp;#8216;b&amp;#8217;", "isAccessibleForFree": "False", "articleBody": "x"},
        {"@type": "VideoObject"}]}
        </script><script type="application/ld+json">{</script></head><body><h1>H <i>1</i></h1></body></html>""")
    )
    assert (found.title_tag, found.headings, found.canonical_url()) == ("T", ["H 1"], "/a")
    assert (found.meta("og:title"), found.article_field("headline")) == ("OG", "A ‘b’")
    assert (found.free_to_read(), found.article_body(), found.json_ld_types) == (
        False,
        "x",
        {"NewsArticle", "VideoObject"},
    )


@pytest.mark.parametrize(
    ("found", "wanted", "source"),
    [
        (StructuredData(json_ld_articles=[ARTICLE], meta_tags={"og:title": "Bridge"}), "Bridge opens again", "json-ld"),
        (
            StructuredData(meta_tags={"og:title": "Bridge opens | Towns | Arden Ledger"}),
            "Bridge opens | Towns", "opengraph",
        ),
        (
            StructuredData(meta_tags={"og:title": "Bridge opens again - Ledger", "og:site_name": "Ledger"}),
            None, "opengraph",
        ),
        (StructuredData(title_tag="Bridge opens again – arden-ledger.example"), None, "title"),
        (
            StructuredData(title_tag="Bridge opens again | Towns | News", headings=["Bridge opens again"]),
            None, "heading",
        ),
        (StructuredData(title_tag="Arden - Bridge opens again"), "Arden - Bridge opens again", "title"),
        (StructuredData(meta_tags={"og:title": "Ledger", "og:site_name": "Ledger"},
          title_tag="Bridge opens"), "Bridge opens", "title"),
        (StructuredData(), "", "none"),
        # the site's name behind other marks, and in front
        (StructuredData(title_tag="Bridge opens again › Arden Ledger", headings=["Bridge opens again"]),
          None, "heading"),
        (StructuredData(title_tag="Bridge opens again │ Arden-Ledger"), None, "title"),
        (StructuredData(title_tag="Arden-Ledger | Bridge opens again"), None, "title"),
        (StructuredData(meta_tags={"og:title": "Arden Ledger: Bridge opens again", "og:site_name": "Arden Ledger"}),
          "Arden Ledger: Bridge opens again", "opengraph"),
        # a banner is no headline
        (StructuredData(title_tag="Bridge opens again | Daily Ardener", headings=["Daily Ardener"]), None, "title"),
        (StructuredData(title_tag="Bridge opens again", headings=["arden-ledger"]), None, "title"),
        (StructuredData(title_tag="Bridge opens again", headings=["All that moves you!"],
          meta_tags={"twitter:title": "Bridge opens again"}), None, "twitter"),
        # a site that is not known, behind the section; and in brackets
        (StructuredData(title_tag="Bridge opens again | Towns | Quayside"), None, "title"),
        (StructuredData(title_tag="Tom's Quay | The old bridge opens again"), "The old bridge opens again", "title"),
        (StructuredData(title_tag="Quays | Towns"), "Quays | Towns", "title"),
        (StructuredData(meta_tags={"og:title": "Bridge opens again (Ledger)", "og:site_name": "Ledger"}),
          None, "opengraph"),
        (StructuredData(title_tag="Bridge opens again (at last)"), "Bridge opens again (at last)", "title"),
        # what a thing is, in the place of its name
        (StructuredData(json_ld_articles=[{"headline": "crossing in Northern Europe"}], headings=["Bridge opens again"],
          meta_tags={"og:title": "Bridge opens again"}), None, "opengraph"),
        (StructuredData(meta_tags={"og:title": "Bridge &lt;em&gt;opens&lt;/em&gt; again"}), None, "opengraph"),
        (StructuredData(json_ld_articles=[{"headline": "<b class='x'>Bridge</b> opens<br/> again"}]), None, "json-ld"),
        (StructuredData(meta_tags={"og:title": "Why 3 < 4 &amp;amp; 5 > 2"}), "Why 3 < 4 & 5 > 2", "opengraph"),
    ],
)  # fmt: skip
def test_titles(found: StructuredData, wanted: str | None, source: str) -> None:
    title, (where, sure) = find_title(found, HOST)
    assert (title, where) == ("Bridge opens again" if wanted is None else wanted, source)
    assert 0 <= sure <= 1


@pytest.mark.parametrize(
    ("heading", "left"),
    [
        ('<h1><a href="/"><img alt="">Quayside</a></h1>', []),
        ('<a href="https://quayside.example/"><h1>Quayside</h1></a>', []),
        ('<h1><a href="">Bridge opens</a></h1>', ["Bridge opens"]),
        ('<h1><a href="#top">Bridge opens</a></h1>', ["Bridge opens"]),
        ('<h1><a href="/?p=7">Bridge opens</a></h1>', ["Bridge opens"]),
        ('<h1><a href="/bridge">Bridge opens</a></h1>', ["Bridge opens"]),
        ('<h1><a href="/">Towns</a> Bridge opens</h1>', ["Towns Bridge opens"]),
        ('<h1><a href="http://[quay">Bridge opens</a></h1>', ["Bridge opens"]),
    ],
)
def test_a_heading_that_leads_home_is_a_banner(heading: str, left: list[str]) -> None:
    assert read_structured_data(html.document_fromstring(f"<html><body>{heading}</body></html>")).headings == left


LONG_HEADLINE = "Arden votes to open its old bridge again and to move the fish market to the upper quay meanwhile"


@pytest.mark.parametrize("cut", [LONG_HEADLINE[:60] + "…", LONG_HEADLINE[:88], LONG_HEADLINE[:70].strip() + " ..."])
def test_the_whole_of_a_headline_that_was_cut(cut: str) -> None:
    found = StructuredData(json_ld_articles=[{"headline": cut}], headings=[LONG_HEADLINE])
    assert find_title(found, HOST) == (LONG_HEADLINE, ("json-ld", 1.0))
    assert find_alternative_titles(found, HOST, LONG_HEADLINE) == ()


def test_a_headline_is_not_a_cut_one_because_another_source_adds_to_it() -> None:
    stated = StructuredData(json_ld_articles=[{"headline": LONG_HEADLINE}], title_tag=f"{LONG_HEADLINE} - all pictures")
    assert find_title(stated, HOST)[0] == LONG_HEADLINE


def test_headlines_that_say_something_else_are_kept() -> None:
    found = StructuredData(
        json_ld_articles=[{"headline": "Bridge opens again", "alternativeHeadline": "At last: dry feet"}],
        meta_tags={"og:title": "Why Arden's bridge opens", "og:site_name": "Arden Ledger"},
        headings=["BRIDGE OPENS AGAIN"],
        title_tag="Bridge opens again | Arden Ledger",
    )
    title, _ = find_title(found, HOST)
    assert find_alternative_titles(found, HOST, title) == ("Why Arden's bridge opens", "At last: dry feet")


@pytest.mark.parametrize(
    ("byline", "wanted"),
    [
        ("By Staff Reporter | 3 min read", ()),
        ("By Jane Doe and Ömer Çelik", ("Jane Doe", "Ömer Çelik")),
        ("Von Anna Müller, Politikredakteurin, und Jan de Vries", ("Anna Müller", "Jan de Vries")),
        ("Jane Doe, Senior Political Editor; jane@ledger.example", ("Jane Doe",)),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Arden Ledger", ()),
        ("渡辺洋介", ("渡辺洋介",)),
        ("https://ledger.example/authors/jane", ()),
        ("Reuters", ()),
    ],
)
def test_bylines_become_names_of_people(byline: str, wanted: tuple[str, ...]) -> None:
    found = parse_bylines([byline], ["Arden Ledger"])
    assert tuple(name for name in found if name != "Politikredakteurin") == wanted


def test_tags_and_language() -> None:
    found = StructuredData(
        json_ld_articles=[{"keywords": ["a", "b, c"]}], meta_tags={"keywords": "c;d", "og:locale": "pt_BR"}
    )
    assert find_tags(found)[0] == ("a", "b", "c", "d")
    assert find_language(found) == ("pt", ("opengraph", 0.7))


@pytest.mark.parametrize(
    "title",
    [
        "500 jobs to go at the shipyard", "404 migrants rescued", "401(k) savers lose out", "409 new cases",
        "503 Einsätze für die Feuerwehr", "500-jährige Eiche gefällt", "417 Tage Haft", "400 kilo cocaïne gevonden",
        "Access denied: reporters kept out", "Forbidden island opens to visitors", "Not found: the missing ballots",
        "Content of harbour chest still not found after 80 years", "Page not found in the old Bible",
        "Cookie settings on city website broke the law", "Your privacy is at risk, warns watchdog",
        "Stadtrat gibt Zustimmung zum Bau", "Datenschutz: Stadt ändert Einstellungen", "Cookies, der Weihnachtshit",
        "Antes de continuar, el alcalde pide calma a los vecinos", "Just a moment of silence for the drowned",
        "Login-Daten im Netz aufgetaucht", "Connexion rapide entre les deux rives", "Sign in the harbour is wrong",
        "Log in the river stops ferry", "Entrar en la ciudad cuesta dos coronas", "Error 404 becomes a musical",
        "Service unavailable on Sundays: buses to stop", "Anmelden zum Stadtlauf ab heute möglich",
    ],
)  # fmt: skip
def test_headlines_that_begin_like_errors_and_walls_are_articles(title: str) -> None:
    text = "The court said that the cookies of the city's site had no consent. " * 3
    found = StructuredData(title_tag=f"{title} | Ledger", headings=[title])
    assert classify_page_kind(PageContents(found, URL, title, text, [])) == "article"


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("error", "404 Not Found"), ("error", "Error 404"), ("error", "Page not found - Arden Ledger"),
        ("error", "Oops! That page can't be found"), ("error", "The page you requested could not be found"),
        ("error", "403 Forbidden"), ("error", "502 Bad Gateway"), ("error", "Attention Required! | Cloudflare"),
        ("error", "Página no encontrada"), ("error", "Page introuvable"), ("error", "Sivua ei löytynyt"),
        ("error", "Strona nie istnieje"), ("error", "Arden Ledger | 404"), ("error", "Access Denied"),
        ("consent", "Wir respektieren Ihre Privatsphäre"), ("consent", "Nous respectons votre vie privée"),
        ("consent", "Valoramos su privacidad"), ("consent", "Rispettiamo la tua privacy"),
        ("consent", "Valorizamos a sua privacidade"), ("consent", "Wij geven om uw privacy"),
        ("consent", "Cenimy Twoją prywatność"), ("consent", "Vážíme si vašeho soukromí"),
        ("consent", "Vi värnar om din integritet"), ("consent", "Vi respekterer dit privatliv"),
        ("consent", "Arvostamme yksityisyyttäsi"), ("consent", "Gizliliğinize değer veriyoruz"),
        ("consent", "Before you continue to Ledger"), ("consent", "Arden Ledger - Cookie-Einstellungen"),
        ("login", "Log in to continue"), ("login", "Anmelden | Ledger"), ("login", "Zaloguj się"),
    ],
)  # fmt: skip
def test_titles_of_errors_and_walls(kind: str, title: str) -> None:
    assert classify_page_kind(PageContents(StructuredData(title_tag=title), URL, title, "Please.", [])) == kind


@pytest.mark.parametrize(
    "text",
    [
        "We and our 842 partners store cookies on your device and process personal data. Do you accept?",
        "Wir und unsere Partner speichern Cookies auf Ihrem Gerät. Klicken Sie auf Akzeptieren, um zuzustimmen.",
        "Nous et nos partenaires stockons des cookies sur votre appareil. Vous pouvez accepter ou refuser.",
        "Nosotros y nuestros socios almacenamos cookies en un dispositivo y tratamos datos personales.",
        "Noi e i nostri partner archiviamo cookie su un dispositivo e trattiamo dati personali.",
        "Nós e os nossos parceiros armazenamos cookies num dispositivo e processamos dados pessoais.",
        "Wij en onze partners slaan cookies op een apparaat op en verwerken persoonsgegevens.",
        "My i nasi partnerzy przechowujemy pliki cookie na urządzeniu i przetwarzamy dane osobowe.",
        "My a naši partneři ukládáme soubory cookie v zařízení a zpracováváme osobní údaje.",
        "Vi och våra partners lagrar cookies på en enhet och behandlar personuppgifter.",
        "Vi og våre partnere lagrer cookies på en enhet og behandler personopplysninger.",
    ],
)
def test_texts_that_ask_for_consent(text: str) -> None:
    assert classify_page_kind(PageContents(StructuredData(), URL, "Ledger", text, [])) == "consent"


JAPANESE = "橋は五日の朝に再び開通し、多くの人が渡り初めを楽しんだ。" * 14  # 400 characters: some 200 words
LONG = "The council of Arden said that the bridge opens again. " * 40
URL = "https://ledger.example/towns/the-bridge-opens-again"
PAID = StructuredData(json_ld_articles=[{**ARTICLE, "isAccessibleForFree": False}])


@pytest.mark.parametrize(
    ("kind", "url", "title", "text", "found"),
    [
        ("article", URL, "Bridge", LONG, StructuredData()),
        ("article", URL, "Bridge", "Three words only.", StructuredData()),
        ("article", URL, "404 people saved from the flood", "A line.", StructuredData()),
        ("article", URL, "Not found guilty: the mayor", "A line.", StructuredData(json_ld_articles=[ARTICLE])),
        ("article", "https://ledger.example/video/a", "Bridge", LONG, StructuredData()),
        ("video", "https://ledger.example/video/a", "Bridge", "One line.", StructuredData()),
        ("gallery", "https://ledger.example/galleries/a", "Bridge", "One line.", StructuredData()),
        ("liveblog", "https://ledger.example/live-blog/a", "Bridge", LONG, StructuredData()),
        ("liveblog", URL, "Bridge", LONG, StructuredData(json_ld_types={"LiveBlogPosting"})),
        ("liveblog", URL, "Bridge", f"13.28 Uhr: The bridge opens.\n{LONG}\n" * 5, StructuredData()),
        ("article", URL, "Bridge", f"At 13.28 the bridge opened.\n{LONG}\n" * 5, StructuredData()),
        ("gallery", "https://ledger.example/galleries/a", "Bridge", LONG, StructuredData()),
        ("video", URL, "Bridge", "One line.", StructuredData(meta_tags={"og:type": "video.other"})),
        (
            "teaser",
            URL,
            "Bridge",
            "The first lines.",
            PAID,
        ),
        ("article", URL, "Bridge", LONG, PAID),
        ("article", URL, "橋", JAPANESE, PAID),
        (
            "teaser",
            URL,
            "橋",
            JAPANESE[:100],
            PAID,
        ),
        ("error", URL, "Page not found", "Sorry.", StructuredData()),
        ("error", URL, "404", "Sorry.", StructuredData()),
        ("error", URL, "Seite nicht gefunden", "Leider.", StructuredData()),
        ("error", URL, "Just a moment...", "Checking your browser.", StructuredData()),
        ("consent", URL, "We value your privacy", "Accept.", StructuredData()),
        ("login", URL, "Sign in to continue", "E-mail and password", StructuredData()),
        ("empty", URL, "Bridge", "", StructuredData()),
    ],
)
def test_the_kind_of_a_page(kind: str, url: str, title: str, text: str, found: StructuredData) -> None:
    assert classify_page_kind(PageContents(found, url, title, text, [])) == kind


def test_a_list_of_headlines_is_an_index() -> None:
    links = "".join(f"<li><a href=/{n}>Headline number {n} about the bridge in Arden</a></li>" for n in range(20))
    found = split_into_blocks(html.document_fromstring(f"<ul>{links}</ul>"))
    text, towns = "News from all the towns around Arden.", "https://ledger.example/towns"
    stated = StructuredData(json_ld_articles=[ARTICLE])
    assert classify_page_kind(PageContents(StructuredData(), towns, "Towns", text, found)) == "index"
    assert classify_page_kind(PageContents(stated, towns, "Towns", text, found)) == "article"
    assert classify_page_kind(PageContents(StructuredData(), URL, "Towns", text, found)) == "article"


@pytest.mark.parametrize(
    ("attributes", "head", "header", "wanted"),
    [
        ("lang=nb-NO", "<meta http-equiv=Content-Language content=en>", "en", ("nb", "html")),
        ("xml:lang=sr-Latn", "", "en", ("sr", "html")),
        ("", "<meta http-equiv=Content-Language content=ms-MY>", "en", ("ms", "meta")),
        ("", "", "id", ("id", "header")),
        ("", "", "en, de", (None, "none")),
        ("", "<meta http-equiv=Content-Language content='en, de'>", "", (None, "none")),
    ],
)
def test_where_a_page_says_its_language(
    attributes: str, head: str, header: str, wanted: tuple[str | None, str]
) -> None:
    tree = html.document_fromstring(f"<html {attributes}><head><title>T</title>{head}</head><body>B</body></html>")
    code, (source, _) = find_language(read_structured_data(tree), {"Content-Language": header})
    assert (code, source) == wanted
