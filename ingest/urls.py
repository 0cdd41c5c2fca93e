"""URLs: canonical URL, article id, host and site; recognises home pages, section pages and short links.

In: a URL as written in a feed or a page. Out: its canonical form, or None where it is no http(s) URL. No requests are
made.
"""

import hashlib
import re
from urllib.parse import SplitResult, quote, unquote, urlsplit

from ingest import tracking
from ingest.field_limits import is_short_address
from pipeline.messages import FOLDER_PREFIX, PAGELESS_PREFIX

DEFAULT_PORTS = {"http": 80, "https": 443}
# characters that need no escape in a path or query (RFC 3986, 3.3 and 3.4)
UNESCAPED = "/!$&'()*+,;=:@-._~?"
NAMING_AUTHORITY = re.compile(r"(?:urn:newsml:|tag:)([a-z0-9\-]+(?:\.[a-z0-9\-]+)+)(?=[:,])", re.IGNORECASE)
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
HOST_NAME = re.compile(r"[a-z0-9_\-]+(\.[a-z0-9_\-]+)*")
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
# browsers remove these inside a URL (WHATWG URL, "ASCII tab or newline")
IGNORED_CHARACTERS = re.compile(r"[\t\r\n]")
HOME_PAGE_PATH = re.compile(r"/?((index|default|home)\.[a-z]{3,5})?", re.IGNORECASE)
# a path of nothing but these words is a section of a news site
SECTION_NAMES = re.compile(
    "news|latest|world|politics|business|economy|sports?|football|opinion|culture|arts|entertainment|technology|tech"
    "|science|health|travel|lifestyle|local|national|international|europe|asia|africa|americas|middle-east|us|uk|video"
    "|videos|live|weather|newsletters?|podcasts?|home|index|sections?"
    "|nachrichten|politik|wirtschaft|kultur|wissen|actualites|monde|economie|mundo|economia|deportes|cultura|esporte"
)
# path segments before the name of a list of articles: /tag/elections
LIST_FOLDERS = re.compile("category|categories|tags?|topics?|sections?|authors?|rubriken?|thema|themen|temas?|rubrique")
# hosts of link shorteners (Media Cloud's metadata-lib, urls.py, and those of the large networks)
SHORTENERS = re.compile(
    r"bit\.ly|t\.co|goo\.gl|ow\.ly|tinyurl\.com|is\.gd|buff\.ly|dlvr\.it|fb\.me|trib\.al|lnkd\.in|ift\.tt"
    r"|tiny\.cc|rebrand\.ly|cutt\.ly|shorturl\.at|rb\.gy|t\.ly|apne\.ws|reut\.rs|nyti\.ms|bbc\.in|wapo\.st"
    r"|on\.wsj\.com|cnn\.it|n\.pr|politi\.co|econ\.st|bloom\.bg|gu\.com|huff\.to|yhoo\.it|abcn\.ws|nbcnews\.to"
    r"|cbsn\.ws|usat\.ly|lat\.ms|tcrn\.ch|youtu\.be|flip\.it|feedproxy\.google\.com"
)
AMP_PARAMETER = re.compile(r"amp(=1|=true|)|output_?type=amp|_amp=(1|true)", re.IGNORECASE)
AMP_CACHE_HOST = re.compile(r"[a-z0-9\-]+\.cdn\.ampproject\.org")
# second-level labels under which country registries register domains (example.co.uk); a short public suffix list
REGISTRY_LABELS = re.compile("co|com|org|net|gov|gob|gouv|govt|ac|edu|or|ne|go|in|nom|mil|sch")


def canonical_url(url: str) -> str | None:
    """The canonical form of a web address; None if it is no http(s) URL, or a longer one than MOST_ADDRESS. Idempotent.

    Lower-case scheme and host, no default port, no user name, no fragment (except "#!...", which selects a page), no
    tracking parameters and none that request the AMP version; the other parameters stay in their order;
    percent-encoding is normalised. An address in Google's AMP cache becomes the publisher's own, and so does one inside
    a redirector's (Google Alerts, Bing news: ingest/tracking).
    """
    clean = tracking.unwrap(IGNORED_CHARACTERS.sub("", url)) if is_short_address(url) else ""
    parts = _split_web_address(clean) if clean else None
    if parts is None or parts.hostname is None:
        return None
    publisher_url = _resolve_amp_cache(parts)
    if publisher_url:
        return canonical_url(publisher_url)
    host = _ascii_host(parts.hostname)
    if host is None:
        return None
    query = "&".join(item for item in _normalize_escapes(parts.query).split("&") if item and not _is_tracking(item))
    fragment = "#" + _normalize_escapes(parts.fragment) if parts.fragment.startswith("!") else ""
    path = _normalize_path(parts.path)
    found = f"{parts.scheme}://{host}{_port_suffix(parts)}{path}{'?' + query if query else ''}{fragment}"
    return found if is_short_address(found) else None


def _resolve_amp_cache(parts: SplitResult) -> str | None:
    """The publisher's URL of an AMP cache address, with path /c/s/host/path ("s" for https, "c" or "v" the kind)."""
    if not AMP_CACHE_HOST.fullmatch(parts.hostname or ""):
        return None
    found = re.match(r"/[cv]/(s/)?([\w.\-]+\.[a-z]{2,}(/.*)?)$", parts.path)
    query = f"?{parts.query}" if parts.query else ""
    return f"{'https' if found[1] else 'http'}://{found[2]}{query}" if found else None


def article_id(canonical: str) -> str:
    """The id of the article at a canonical URL: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def pageless_url(feed_url: str, identity: str) -> str:
    """The address of a feed's item that has no page: unique to feed and item, and none that anybody could fetch."""
    return f"{PAGELESS_PREFIX}{article_id(feed_url + chr(10) + identity)}"


def naming_authority(identity: str) -> str:
    """The domain of who gave a name (urn:newsml:DOMAIN:..., RFC 3085; tag:DOMAIN,..., RFC 4151); "" where none is."""
    match = NAMING_AUTHORITY.match(identity)
    return match[1].lower().removeprefix("www.") if match else ""


def folder_url(folder: str) -> str:
    """The name under which a watched folder is a feed."""
    return f"{FOLDER_PREFIX}{quote(folder)}"


def folder_of(url: str) -> str:
    """The path of the watched folder that a feed is; "" for a feed on the web."""
    return unquote(url.removeprefix(FOLDER_PREFIX)) if url.startswith(FOLDER_PREFIX) else ""


def host_of(url: str) -> str:
    """The host of a URL, lower-case and in ASCII (IDNA); "" if it is no http(s) URL."""
    parts = _split_web_address(url)
    return (_ascii_host(parts.hostname or "") or "") if parts else ""


def source_of(url: str) -> str:
    """The host without "www.", which is shown to readers as the article's source."""
    return host_of(url).removeprefix("www.")


def same_site(first: str, second: str) -> bool:
    """Whether two URLs have the same registered domain (m.example.co.uk and example.co.uk), by a short suffix list."""
    return site_of(first) == site_of(second) != ""


def site_of(url: str) -> str:
    """The registered domain of a URL (example.co.uk), by a short suffix list; "" if it is no http(s) URL."""
    return _registered_domain(host_of(url))


def is_home_page(url: str) -> bool:
    """Whether a URL is a site's front page."""
    parts = _split_web_address(url)
    return parts is not None and not parts.query and HOME_PAGE_PATH.fullmatch(parts.path) is not None


def is_section_page(url: str) -> bool:
    """Whether a URL is a list of articles, judged by its path: /politics, /news/world, /tag/elections.

    In doubt False: a list taken for an article costs one fetch, an article taken for a list is lost.
    """
    parts = _split_web_address(url)
    if parts is None or parts.query:
        return False
    words = [word for word in parts.path.lower().split("/") if word]
    if not 1 <= len(words) <= 3:
        return False
    if LIST_FOLDERS.fullmatch(words[0]):
        return len(words) <= 2 and not any(character.isdigit() for character in words[-1])
    return all(SECTION_NAMES.fullmatch(word) for word in words)


def is_shortener(url: str) -> bool:
    """Whether a URL is a short link of a link shortener, which must be followed to learn the page's URL."""
    return SHORTENERS.fullmatch(source_of(url)) is not None


def _split_web_address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(IGNORED_CHARACTERS.sub("", url.strip()))
        _ = parts.port  # raises when it is no port
    except ValueError:
        return None
    return parts if parts.scheme in DEFAULT_PORTS and parts.hostname else None


def _ascii_host(host: str) -> str | None:
    """The host in the ASCII form that DNS uses (IDNA); None if it is no valid host name."""
    host = host.rstrip(".").lower()
    if ":" in host:
        return f"[{host}]"
    try:
        found = host if host.isascii() else host.encode("idna").decode().rstrip(".").lower()
    except UnicodeError:
        return None
    return found if HOST_NAME.fullmatch(found) else None


def _port_suffix(parts: SplitResult) -> str:
    return "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"


def _normalize_path(path: str) -> str:
    """The path with normalised escapes and without "." and ".." segments (RFC 3986, 5.2.4)."""
    normalized: list[str] = []
    segments = _normalize_escapes(path or "/").split("/")[1:]
    for segment in segments:
        if segment == "..":
            normalized = normalized[:-1]
        elif segment != ".":
            normalized.append(segment)
    if segments and segments[-1] in (".", ".."):
        normalized.append("")
    return "/" + "/".join(normalized)


def _normalize_escapes(text: str) -> str:
    """Normalises percent-encoding: no needless escapes, upper-case digits, other characters escaped as UTF-8."""
    pieces = ESCAPE.split(text)
    plain = [quote(piece, safe=UNESCAPED, errors="replace") for piece in pieces[::2]]  # a "%" here begins no escape
    escapes = [_normalize_escape(digits) for digits in pieces[1::2]] + [""]
    return "".join(piece + escape for piece, escape in zip(plain, escapes, strict=True))


def _normalize_escape(digits: str) -> str:
    character = chr(int(digits, 16))
    return character if UNRESERVED.fullmatch(character) else f"%{digits.upper()}"


def _is_tracking(item: str) -> bool:
    return tracking.is_tracking(item) or AMP_PARAMETER.fullmatch(item) is not None


def _registered_domain(host: str) -> str:
    """The host's last two labels, or three below a country registry's label (co.uk); an IP address as it is."""
    labels = host.split(".")
    if all(label.isdigit() for label in labels) or host.startswith("["):
        return host
    country_registry = len(labels) > 2 and len(labels[-1]) == 2 and bool(REGISTRY_LABELS.fullmatch(labels[-2]))
    return ".".join(labels[-3:] if country_registry else labels[-2:])
