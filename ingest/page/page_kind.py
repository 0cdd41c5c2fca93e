"""What a page is: an article, or another thing that is served in its place. Pure.

In: what the page states, its address, its text and its blocks. Out: its kind; "article" when in doubt.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.boilerplate.blocks import Block
from ingest.boilerplate.word_count import size_of
from ingest.page.page import NoArticle
from ingest.page.structured_data import StructuredData
from pipeline.messages import ArticleKind

NO_ARTICLE: frozenset[str] = frozenset({"consent", "login", "error", "empty", "index"})
# sizes in words
SHORT, TEASER, LITTLE = 120, 160, 80
LIVE = re.compile(
    r"(?:^|[-/_])(?:live-?blogs?|live-?ticker|live-updates?|minute-by-minute|news-?ticker|en-direct)(?=[-/_.,]|$)"
)
# "13.28 Uhr: ", "9:05 pm - ": the head of one message of many; so many of them make a live blog
MESSAGE = re.compile(
    r"\W*(?:[01]?\d|2[0-3])[.:h][0-5]\d(?: ?(?:uhr|h|[ap]\.?m\.?|gmt|bst|cest|est|et))?\s*(?:[:–—-]|$)", re.IGNORECASE
)
FEWEST_MESSAGES = 5
GALLERY = re.compile(
    r"/(?:photo-?)?(?:galler(?:y|ies|ia|ie)|galerie|galeria|bildstrecken?|fotostrecken?|diaporamas?|slideshows?)(?=[-/_.]|$)"
)
VIDEO = re.compile(r"/(?:videos?|watch|mediathek|tv-video)(?=[/_.]|$)")
SLUG = re.compile(r"(?:[^/-]+-){3}|\d{5}|\.s?html?$")  # in the address of one article
ERROR = re.compile(
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
CONSENT = re.compile(
    r"before you continue|we value your privacy|your privacy (?:choices|matters)|"
    r"cookie (?:consent|settings|preferences)|"
    r"accept (?:all )?cookies|consent to (?:the use|our)|zustimmung|mit werbung (?:und cookies )?(?:weiter)?lesen|"
    r"datenschutz-?einstellungen|accepter et continuer|gérer mes cookies|nous respectons votre vie privée|"
    r"valoramos su privacidad|aceptar y continuar|rispettiamo la tua privacy|accetta e continua|"
    r"cookie-?(?:keuze|instellingen)",
    re.IGNORECASE,
)
LOGIN = re.compile(
    r"^\W*(?:please )?(?:sign|log)[ -]?(?:in|on)\b|^\W*(?:anmelden|einloggen|login|connexion|"
    r"se connecter|identifiez-vous|"
    r"iniciar sesi[óo]n|inicia sesi[óo]n|accedi|entrar|inloggen|logg inn|logga in|giriş yap|ログイン|로그인|登录)\b",
    re.IGNORECASE,
)
PAYWALL = re.compile(
    r"subscribe (?:now )?to (?:read|continue|unlock)|to continue reading|already a subscriber|for subscribers only|"
    r"subscriber[- ]only|this (?:article|content) is (?:reserved|for subscribers)|weiterlesen mit|jetzt weiterlesen|"
    r"nur für abonnenten|artikel freischalten|réservé aux abonnés|il vous reste .{0,12}de cet article|"
    r"suscr[íi]bete para|solo para suscriptores|contenuto riservato agli abbonati|abbonati per|assine para|"
    r"voor abonnees|lees verder met|kun for abonnenter|for abonnenter|"
    r"endast för prenumeranter|有料会員|会員限定|구독자 전용",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Seen:
    """What a kind is decided by."""

    evidence: StructuredData
    url: str
    title: str
    text: str
    found: list[Block]
    password: bool = False  # a field for one is on the page


def kind_of(seen: Seen) -> ArticleKind | NoArticle:
    """What a page is."""
    size = size_of(seen.text)
    if size < SHORT and (instead := _instead(seen, size)):
        return instead
    if _is_index(seen, size):
        return "index"
    path = urlsplit(seen.url).path.lower()
    types = seen.evidence.types
    messages = sum(bool(MESSAGE.match(line)) for line in seen.text.split("\n"))
    if "LiveBlogPosting" in types or LIVE.search(path) or messages >= FEWEST_MESSAGES:
        return "liveblog"
    if (size < LITTLE and VIDEO.search(path)) or (size < TEASER and _is_video(seen.evidence)):
        return "video"
    if GALLERY.search(path) or (size < SHORT and "ImageGallery" in types):
        return "gallery"
    walled = seen.evidence.free() is False or any(
        PAYWALL.search(block.text) for block in seen.found if not block.linked
    )
    return "teaser" if size < TEASER and walled else "article"


def _instead(seen: Seen, size: float) -> NoArticle | None:
    """What is served in the place of an article; what calls itself one is believed."""
    heads = (seen.title, seen.evidence.title_tag, *seen.evidence.headings[:1])
    named = bool(seen.evidence.linked)
    if not named and any(ERROR.search(head) for head in heads):
        return "error"
    if not named and (any(CONSENT.search(head) for head in heads) or len(CONSENT.findall(seen.text)) > 1):
        return "consent"
    if not named and (any(LOGIN.search(head) for head in heads) and (seen.password or size < LITTLE)):
        return "login"
    return None if seen.text.strip() else "empty"


def _is_video(evidence: StructuredData) -> bool:
    kind = evidence.meta("og:type") or ""
    return kind.startswith("video") or ("VideoObject" in evidence.types and not evidence.linked)


def _is_index(seen: Seen, size: float) -> bool:
    """Many headlines that lead elsewhere, little to read, and nothing that says that it is an article."""
    if SLUG.search(urlsplit(seen.url).path) or seen.evidence.claims_article():
        return False
    headlines = [block for block in seen.found if block.linked > 0.8 and block.text.count(" ") >= 4]
    longest = max((line.count(" ") for line in seen.text.split("\n")), default=0)
    return len(headlines) >= 15 and longest < 50 and size < sum(size_of(block.text) for block in headlines)
