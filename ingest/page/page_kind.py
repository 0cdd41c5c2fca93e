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
    r"/(?:photo-?)?(?:galler(?:y|ies|ia|ie)|galerie|galeria|bildstrecken?|fotostrecken?|diaporamas?|slideshows?)(?=[-/_.]|$)"
)
VIDEO_URL = re.compile(r"/(?:videos?|watch|mediathek|tv-video)(?=[/_.]|$)")
# the path of an article: a slug of words, a number, or .html
ARTICLE_URL = re.compile(r"(?:[^/-]+-){3}|\d{5}|\.s?html?$")
ERROR_TITLE = re.compile(
    r"^\W*(?:error\W*)?(?:40[0-9]|41[0-9]|50[0-4])\b(?!\s*(?:\d|people|dead|million))|"
    r"\b(?:page|seite|article|site|url|content)\b.{0,30}\b(?:not found|not be found|"
    r"unavailable)|^\W*(?:not found|access denied|forbidden|bad gateway|service unavailable|just a moment|"
    r"attention required|"
    r"(?:security|robot) check|are you (?:a robot|human)|pardon our interruption|one moment, please)\b|"
    r"seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|p[áa]gina no (?:encontrada|existe)|"
    r"pagina non trovata|p[áa]gina n[ãa]o encontrada|siden (?:ble )?ikke fun?net|"
    r"sidan (?:kunde inte hittas|finns inte)|"
    r"sayfa bulunamad|ページが見つかりません|页面不存在|페이지를 찾을 수",
    re.IGNORECASE,
)
CONSENT_TEXT = re.compile(
    r"before you continue|we value your privacy|your privacy (?:choices|matters)|"
    r"cookie (?:consent|settings|preferences)|"
    r"accept (?:all )?cookies|consent to (?:the use|our)|zustimmung|mit werbung (?:und cookies )?(?:weiter)?lesen|"
    r"datenschutz-?einstellungen|accepter et continuer|gérer mes cookies|nous respectons votre vie privée|"
    r"valoramos su privacidad|aceptar y continuar|rispettiamo la tua privacy|accetta e continua|"
    r"cookie-?(?:keuze|instellingen)",
    re.IGNORECASE,
)
LOGIN_TITLE = re.compile(
    r"^\W*(?:please )?(?:sign|log)[ -]?(?:in|on)\b|^\W*(?:anmelden|einloggen|login|connexion|"
    r"se connecter|identifiez-vous|"
    r"iniciar sesi[óo]n|inicia sesi[óo]n|accedi|entrar|inloggen|logg inn|logga in|giriş yap|ログイン|로그인|登录)\b",
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

    A page with the JSON-LD of an article is believed, unless it is empty.
    """
    data = page.structured_data
    heads = (page.title, data.title_tag, *data.headings[:1])
    claimed = data.describes_article()
    if not claimed and any(ERROR_TITLE.search(head) for head in heads):
        return "error"
    if not claimed and (any(CONSENT_TEXT.search(head) for head in heads) or len(CONSENT_TEXT.findall(page.text)) > 1):
        return "consent"
    login = not claimed and any(LOGIN_TITLE.search(head) for head in heads)
    if login and (page.has_password_field or words < LITTLE_WORDS):
        return "login"
    return None if page.text.strip() else "empty"


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
