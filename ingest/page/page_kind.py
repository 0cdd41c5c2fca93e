"""Page kind: tells whether a page is an article, of which kind, or a login, consent wall, error or list. Pure.

In: PageContents: the structured data, URL, title, text and blocks of a page. Out: its kind; "article" when in doubt.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.boilerplate.blocks import Block
from ingest.boilerplate.word_count import count_words
from ingest.page.page import NonArticleKind
from ingest.page.structured_data import StructuredData
from pipeline.messages import ArticleKind

NON_ARTICLE_KINDS: frozenset[str] = frozenset({"consent", "login", "error", "empty", "index"})
# word counts below which a text is short, may be a teaser, and is next to nothing
SHORT_WORDS, TEASER_WORDS, LITTLE_WORDS = 120, 160, 80
LIVEBLOG_URL = re.compile(
    r"(?:^|[-/_])(?:live-?blogs?|live-?ticker|live-updates?|minute-by-minute|news-?ticker|en-direct)(?=[-/_.,]|$)"
)
# how a message of a live blog begins ("13.28 Uhr: ", "9:05 pm - "); a text with so many of them is a live blog
LIVE_MESSAGE = re.compile(
    r"\W*(?:[01]?\d|2[0-3])[.:h][0-5]\d(?: ?(?:uhr|h|[ap]\.?m\.?|gmt|bst|cest|est|et))?\s*(?:[:–—-]|$)", re.IGNORECASE
)
FEWEST_MESSAGES = 5
GALLERY_URL = re.compile(
    r"/(?:photo-?)?(?:galler(?:y|ies|ia|ie)|galerie|galeria|bildstrecken?|fotostrecken?|diaporamas?|"
    r"slideshows?)(?=[-/_.]|$)"
)
VIDEO_URL = re.compile(r"/(?:videos?|watch|mediathek|tv-video)(?=[/_.]|$)")
# the path of an article: a slug of words, a number, or .html
ARTICLE_URL = re.compile(r"(?:[^/-]+-){3}|\d{5}|\.s?html?$")
# between the parts of a title: "Page not found | Marsh Courier"
TITLE_PART = re.compile(r"\s+[-–—|·:•»›/]+\s+|\s*[|│｜]\s*")
# a part of a title that says no more than that there is no page, or that a browser is being checked
ERROR_TITLE = re.compile(
    r"(?:(?:http|error|fehler|erreur|errore?|status|oops|ups|whoops|hoppla|sorry|uh oh|oh no|404|410|50[0-4]|"
    r"40[0-9])\W+)*"
    r"(?:(?:error|fehler|erreur|errore?|code|status|http)?\W*(?:40[0-9]|41[0-9]|50[0-4])|"
    r"(?:the |this |that |requested |your )*(?:page|article|site|url|content|document|file|story|address)"
    r"(?: (?:that )?you(?:'re| are| were)? (?:requested|looking for|trying to \w+))?"
    r"(?: (?:was|is|has|could|can|does|can.?t|couldn.?t|doesn.?t|isn.?t)(?: been)?)?"
    r"(?: (?:currently|no longer|temporarily|not|be|been))* ?(?:found|unavailable|available|exist|gone|missing|"
    r"removed)|"
    r"not found|access (?:to this page has been )?denied|forbidden|bad gateway|bad request|unauthori[sz]ed|"
    r"gateway time-?out|internal server error|(?:service|site|temporarily)(?: temporarily)? unavailable|"
    r"server error|too many requests|just a moment|attention required|(?:security|robot|browser) check|"
    r"are you (?:a robot|human)|pardon our interruption|one moment,? please|"
    r"(?:please )?verify(?:ing)? you are (?:a )?human|"
    r"checking your browser.*|"
    r"(?:die |diese )?(?:seite|inhalt|artikel) (?:wurde |konnte |ist |leider )*nicht (?:gefunden(?: werden)?|"
    r"verfügbar)|"
    r"(?:cette )?page (?:introuvable|non trouvée|inexistante|n.existe pas)|(?:la )?p[áa]gina (?:n[ãa]o|no) "
    r"(?:encontrada|existe|disponible|disponível)|(?:la )?pagina non (?:trovata|esiste|disponibile)|"
    r"pagina (?:niet gevonden|nu a fost găsită)|siden (?:ble |blev |finnes |findes )?ikke(?: fun?net)?|"
    r"sidan (?:kunde inte hittas|finns inte|hittades inte)|sivua ei löyty\w*|nie znaleziono strony|"
    r"strona nie (?:została znaleziona|istnieje)|stránka (?:nenalezena|nebyla nalezena|neexistuje)|"
    r"(?:a keresett )?oldal nem található|sayfa bulunamad\w+|страница не найдена|сторінку не знайдено|"
    r"ページが見つかりません(?:でした)?|(?:页面不存在|找不到(?:页面|網頁|网页))|페이지를 찾을 수 없습니다)\W*"
    r"(?:(?:error|fehler|erreur|\(?(?:40[0-9]|410|50[0-4])\)?|not found|page not found)\W*)*",
    re.IGNORECASE,
)
# a part of a title that asks for consent
CONSENT_TITLE = re.compile(
    r"before you continue(?: to .{1,40})?|(?:we (?:value|respect|care about|take) )?your privacy(?: choices| matters|"
    r" is important to us| seriously| settings)?|(?:cookies?|privacy|consent) (?:consent|settings|preferences|"
    r"notice|choices)|"
    r"(?:manage|accept)(?: all| your| my)? (?:cookies?|consent)(?: \w+)?|(?:this (?:web)?site|we) uses? cookies|"
    r"(?:wir (?:schätzen|respektieren|achten) )?(?:ihre|deine) privatsphäre(?: ist uns wichtig)?|"
    r"(?:ihre )?zustimmung|"
    r"(?:ihre )?(?:datenschutz|cookie|privatsphäre)-?\s?einstellungen|mit werbung (?:und cookies )?(?:weiter)?lesen|"
    r"bevor sie fortfahren.{0,40}|(?:nous (?:respectons|protégeons) |le respect de )?votre vie privée"
    r"(?: est (?:importante|notre priorité).{0,20})?|gérer (?:mes|les) cookies|accepter et continuer|"
    r"paramètres des cookies|"
    r"avant de continuer|(?:valoramos|respetamos|nos importa) (?:su|tu) privacidad|(?:su|"
    r"tu) privacidad(?: es importante"
    r"(?: para nosotros)?)?|configuración de cookies|aceptar y continuar|antes de continuar|"
    r"(?:rispettiamo|teniamo al?la|ci sta a cuore) (?:la )?(?:tua|vostra|sua) privacy|la (?:tua|sua|vostra) privacy"
    r"(?: è importante.{0,15})?|accetta e continua|impostazioni (?:dei )?cookie|prima di continuare|"
    r"(?:valorizamos|respeitamos) (?:a )?(?:sua|tua|vossa) privacidade|(?:a )?(?:sua|"
    r"tua) privacidade(?: é importante.{0,15})?|"
    r"(?:wij|we) (?:geven om|waarderen|respecteren|hechten (?:veel )?waarde aan) (?:uw|je|jouw) privacy|"
    r"(?:uw|jouw|je) privacy(?: is (?:voor ons )?belangrijk.{0,15})?|cookie-?\s?(?:keuze|instellingen|voorkeuren)|"
    r"(?:cenimy|szanujemy|dbamy o) (?:twoją|państwa|waszą) prywatność|twoja prywatność.{0,30}|"
    r"ustawienia (?:plików )?cookies?|"
    r"(?:vážíme si|respektujeme|záleží nám na) (?:vašeho|vaše|vašem) soukromí|vaše soukromí.{0,30}|nastavení cookies|"
    r"vážime si vaše súkromie|vi (?:värnar om|värdesätter|respekterar|bryr oss om) din (?:personliga )?integritet|"
    r"din integritet.{0,30}|"
    r"vi (?:verdsetter|respekterer|bryr oss om) (?:ditt personvern|personvernet ditt)|(?:ditt personvern|"
    r"dit privatliv).{0,30}|"
    r"vi (?:værdsætter|respekterer|værner om) dit privatliv|arvostamme yksityisyyttäsi|yksityisyytesi.{0,30}|"
    r"(?:fontos számunkra|tiszteletben tartjuk|értékeljük) (?:az )?ön (?:adatainak védelme|magánszféráját|"
    r"adatvédelmét)|"
    r"gizliliğinize (?:değer|önem|saygı) \w+|gizliliğiniz.{0,30}|(?:apreciem|respectăm) confidențialitatea .{1,20}|"
    r"(?:мы )?(?:ценим|уважаем) вашу (?:конфиденциальность|приватность)|σεβόμαστε .{0,15}(?:απόρρητο|"
    r"ιδιωτικότητά).{0,10}|"
    r"(?:お客様の)?プライバシー(?:を尊重|に関する|設定|の保護).{0,15}",
    re.IGNORECASE,
)
# how a text that asks for consent speaks: "we and our 842 partners"; and what it speaks of
WE_AND_PARTNERS = re.compile(
    r"\b(?:we|us|wir|nous|nosotros|noi|nós|wij|my|vi|me|biz|мы|ми|mi|noi) (?:and|und|et|y|e|en|i|a|och|og|ja|ve|и|"
    r"та|és|și) "
    r"(?:(?:our|unsere|nos|nuestros|i nostri|os nossos|nossos|onze|nasi|naši|våra|våre|vores|наши|наші|partenerii|"
    r"kumppanimme|partnereink|iş ortaklarımız|ortaklarımız)\b|\d+ )",
    re.IGNORECASE,
)
CONSENT_TOPICS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"cookie|куки|çerez|クッキー|쿠키|evästei|informasjonskaps|sütik",
        r"\b(?:device|gerät|appareil|dispositivo|apparaat|urządzeni|zařízení|zariaden|enhet|enhed|laitte|eszköz|"
        r"cihaz|устройств)",
        r"personal data|personenbezogen|données (?:personnelles|à caractère)|datos personales|dados pessoais|"
        r"dati personali|"
        r"persoonsgegevens|osobní údaje|osobné údaje|dan(?:e|ych) osobow|personuppgift|person(?:opp|op)lysning|"
        r"henkilötie|"
        r"személyes adat|kişisel veri|персональн|date(?:le)? (?:cu caracter )?personal",
        r"\b(?:consent|accept|agree|zustimm|einwillig|akzeptier|accept|consent|acept|aceit|accett|toestemming|"
        r"akkoord|souhlas|"
        r"súhlas|zgod|zgadzam|godkän|samtyck|samtykk|godta|hyväksy|elfogad|hozzájárul|kabul|соглас|принима)",
        r"privacy|privatsphäre|datenschutz|vie privée|privacidad|prywatno|soukromí|súkrom|integritet|personvern|"
        r"privatliv|"
        r"yksityisyy|adatvédel|gizlili|конфиденциальност|プライバシー",
    )
)  # fmt: skip
CONSENT_URL = re.compile(
    r"(?:^|[./_-])(?:consent|cmp|cookie-?wall|cookies?|privacy-?(?:gate|wall|center)|guce|gdpr)(?=[./_-]|$)"
)
FEWEST_TOPICS = 3  # of a text that asks for consent
LOGIN_TITLE = re.compile(
    r"(?:please |you (?:must|need to) )?(?:sign|log)[ -]?(?:in|on)(?: (?:to|with|or|and|required|here|"
    r"page)\b.{0,40})?|"
    r"(?:login|account login|member login)(?: (?:required|page))?|(?:bitte )?(?:anmelden|einloggen)|anmeldung|"
    r"(?:se )?connecte[rz](?:-vous)?|connexion|identifiez-vous|s.identifier|iniciar sesi[óo]n|inicia sesi[óo]n|"
    r"accedi|"
    r"iniciar sess[ãa]o|entrar|inloggen|logg inn|log ind|logga in|kirjaudu(?: sisään)?|zaloguj(?: się)?|logowanie|"
    r"přihlá(?:sit se|šení)|bejelentkezés|giriş yap|вход|войти|ログイン|로그인|登录",
    re.IGNORECASE,
)
PAYWALL_TEXT = re.compile(
    r"subscribe (?:now )?to (?:read|continue|unlock)|to continue reading|already a subscriber|for subscribers only|"
    r"subscriber[- ]only|this (?:article|content) is (?:reserved|for subscribers)|weiterlesen mit|jetzt weiterlesen|"
    r"nur für abonnenten|artikel freischalten|réservé aux abonnés|il vous reste .{0,12}de cet article|"
    r"suscr[íi]bete para|solo para suscriptores|contenuto riservato agli abbonati|abbonati per|assine para|"
    r"voor abonnees|lees verder met|kun for abonnenter|for abonnenter|"
    r"endast för prenumeranter|有料会員|会員限定|구독자 전용",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PageContents:
    """What the kind of a page is decided by."""

    structured_data: StructuredData
    url: str
    title: str
    text: str
    blocks: list[Block]  # all of them, not those of the article alone
    has_password_field: bool = False


def classify_page_kind(page: PageContents) -> ArticleKind | NonArticleKind:
    """The kind of the article on a page, or of what the page is instead of an article; "article" when in doubt."""
    words = count_words(page.text)
    if words < SHORT_WORDS and (instead := _kind_of_short_page(page, words)):
        return instead
    if _is_index(page, words):
        return "index"
    path = urlsplit(page.url).path.lower()
    types = page.structured_data.json_ld_types
    messages = sum(bool(LIVE_MESSAGE.match(line)) for line in page.text.split("\n"))
    if "LiveBlogPosting" in types or LIVEBLOG_URL.search(path) or messages >= FEWEST_MESSAGES:
        return "liveblog"
    if (words < LITTLE_WORDS and VIDEO_URL.search(path)) or (words < TEASER_WORDS and _is_video(page.structured_data)):
        return "video"
    if GALLERY_URL.search(path) or (words < SHORT_WORDS and "ImageGallery" in types):
        return "gallery"
    walled = page.structured_data.free_to_read() is False or any(
        PAYWALL_TEXT.search(block.text) for block in page.blocks if not block.link_density
    )
    return "teaser" if words < TEASER_WORDS and walled else "article"


def _kind_of_short_page(page: PageContents, words: float) -> NonArticleKind | None:
    """What a short page is instead of an article; None for an article.

    A page with the JSON-LD of an article is believed, unless it is empty. Elsewhere a title has to say nothing else
    than that it is an error, a question for consent or a login: headlines begin with the same words.
    """
    data = page.structured_data
    if not data.describes_article():
        heads = [
            part.strip(" .!?…:") for head in (page.title, data.title_tag, *data.headings[:1]) for part in _parts(head)
        ]
        if any(ERROR_TITLE.fullmatch(head) for head in heads):
            return "error"
        if any(CONSENT_TITLE.fullmatch(head) for head in heads) or _asks_for_consent(page):
            return "consent"
        login = any(LOGIN_TITLE.fullmatch(head) for head in heads)
        if login and (page.has_password_field or words < LITTLE_WORDS):
            return "login"
    return None if page.text.strip() else "empty"


def _parts(title: str) -> list[str]:
    return [title, *TITLE_PART.split(title)]


def _asks_for_consent(page: PageContents) -> bool:
    """Whether a page speaks of cookies and consent as those do that ask for it, or lies where such pages lie."""
    said = f"{page.title}\n{page.text}"
    topics = sum(bool(topic.search(said)) for topic in CONSENT_TOPICS)
    parts = urlsplit(page.url)
    asked = WE_AND_PARTNERS.search(page.text) or CONSENT_URL.search(f"{parts.hostname or ''}{parts.path}".lower())
    return topics >= FEWEST_TOPICS and bool(asked) and not page.structured_data.meta("article:published_time")


def _is_video(data: StructuredData) -> bool:
    kind = data.meta("og:type") or ""
    return kind.startswith("video") or ("VideoObject" in data.json_ld_types and not data.describes_article())


def _is_index(page: PageContents, words: float) -> bool:
    """Whether a page is a list of articles: many linked headlines, little text, and no claim to be an article."""
    if ARTICLE_URL.search(urlsplit(page.url).path) or page.structured_data.claims_article():
        return False
    headlines = [block for block in page.blocks if block.link_density > 0.8 and block.text.count(" ") >= 4]
    longest = max((line.count(" ") for line in page.text.split("\n")), default=0)
    return len(headlines) >= 15 and longest < 50 and words < sum(count_words(block.text) for block in headlines)
