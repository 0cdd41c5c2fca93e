"""What names an article: its canonical URL, the id made of it, the site that it belongs to.

In: a URL as a feed or a page gives it. Out: the same address in one spelling, or None where it is no web address.
Nothing here looks at the web.
"""

import hashlib
import re
from urllib.parse import SplitResult, quote, urlsplit

# Parameters that say where a reader came from, never which page it is.
# Sources: Miniflux internal/reader/urlcleaner (52 names), AdGuard's TrackParamFilter general_url, Mozilla's
# query-stripping list, Matomo's campaign parameters; at_* and ns_* as the BBC and Guardian add them to feed links.
TRACKING = re.compile(
    r"""
    (utm|mtm|pk|piwik|matomo)_.*                                                    # Urchin's, Matomo's
    | (fb|g|d|y|ys|tw|ms|tt|rb_)cl(k|ick)?id | igshid | igsh | li_fat_id             # click identifiers
    | fb_(action_ids|action_types|ref|source|comment_id)
    | gbraid | wbraid | gclsrc | srsltid | _g[al] | _openstat
    | campaign_(id|medium|name|source|term|content) | (itm|hmb)_(campaign|medium|source|content)
    | mc_(cid|eid|tc) | ml_subscriber(_hash)? | wickedid | mkt_tok | sc?_cid | xtor | icid | cmp(id)?
    | hsa_cam | _hsenc | __hs(sc|tc|fp) | _hsmi | hsctatracking
    | oly_(anon|enc)_id | vero_(id|conv) | _bhlid | _branch_(match_id|referrer) | __readwiselocation
    | at_(medium|campaign|custom[1-4]|link_id|link_origin|link_type|format|bbc_team|ptr_name)
    | ns_(mchannel|source|campaign|linkname|fee)
    """,
    re.VERBOSE,
)
DEFAULT_PORTS = {"http": 80, "https": 443}
# characters that stand for themselves in a path or query (RFC 3986, 3.3 and 3.4)
KEPT = "/!$&'()*+,;=:@-._~?"
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
HOST = re.compile(r"[a-z0-9_\-]+(\.[a-z0-9_\-]+)*")
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")
# a browser drops these inside a URL (WHATWG URL, "ASCII tab or newline")
DROPPED = re.compile(r"[\t\r\n]")
HOME_PAGES = re.compile(r"/?((index|default|home)\.[a-z]{3,5})?", re.IGNORECASE)
# words that name a section of a news site when they are all that a path says
SECTIONS = re.compile(
    "news|latest|world|politics|business|economy|sports?|football|opinion|culture|arts|entertainment|technology|tech"
    "|science|health|travel|lifestyle|local|national|international|europe|asia|africa|americas|middle-east|us|uk|video"
    "|videos|live|weather|newsletters?|podcasts?|home|index|sections?"
    "|nachrichten|politik|wirtschaft|kultur|wissen|actualites|monde|economie|mundo|economia|deportes|cultura|esporte"
)
# folders that list articles: what follows is the name of a list
LISTS = re.compile("category|categories|tags?|topics?|sections?|authors?|rubriken?|thema|themen|temas?|rubrique")
# who shortens links for others (Media Cloud's metadata-lib, urls.py, and those of the large networks)
SHORTENERS = re.compile(
    r"bit\.ly|t\.co|goo\.gl|ow\.ly|tinyurl\.com|is\.gd|buff\.ly|dlvr\.it|fb\.me|trib\.al|lnkd\.in|ift\.tt"
    r"|tiny\.cc|rebrand\.ly|cutt\.ly|shorturl\.at|rb\.gy|t\.ly|apne\.ws|reut\.rs|nyti\.ms|bbc\.in|wapo\.st"
    r"|on\.wsj\.com|cnn\.it|n\.pr|politi\.co|econ\.st|bloom\.bg|gu\.com|huff\.to|yhoo\.it|abcn\.ws|nbcnews\.to"
    r"|cbsn\.ws|usat\.ly|lat\.ms|tcrn\.ch|youtu\.be|flip\.it|feedproxy\.google\.com"
)
AMP_QUERY = re.compile(r"amp(=1|=true|)|output_?type=amp|_amp=(1|true)", re.IGNORECASE)
AMP_CACHE = re.compile(r"[a-z0-9\-]+\.cdn\.ampproject\.org")
# second-level names under which a country's registry sells (example.co.uk): enough to tell sites apart
REGISTRY_LABELS = re.compile("co|com|org|net|gov|gob|gouv|govt|ac|edu|or|ne|go|in|nom|mil|sch")


def canonical_url(url: str) -> str | None:
    """One spelling of a web address; None when it is none. Idempotent.

    Lower-case scheme and host, no default port, no user name, no fragment (but "#!..." which names a page), no tracking
    parameters, none that ask for a page's AMP version; the other parameters stay, in their order; percent-encoding in
    one spelling. An address in Google's AMP cache becomes the publisher's own.
    """
    parts = _web_address(url)
    if parts is None or parts.hostname is None:
        return None
    cached = _uncached(parts)
    if cached:
        return canonical_url(cached)
    host = _ascii_host(parts.hostname)
    if host is None:
        return None
    query = "&".join(item for item in _spelt(parts.query).split("&") if item and not _is_tracking(item))
    fragment = "#" + _spelt(parts.fragment) if parts.fragment.startswith("!") else ""
    return f"{parts.scheme}://{host}{_port(parts)}{_path(parts.path)}{'?' + query if query else ''}{fragment}"


def _uncached(parts: SplitResult) -> str | None:
    """What an AMP cache's address stands for: /c/s/host/path, "s" for https, "c" (or "v", "i") for the kind."""
    if not AMP_CACHE.fullmatch(parts.hostname or ""):
        return None
    found = re.match(r"/[cv]/(s/)?([\w.\-]+\.[a-z]{2,}(/.*)?)$", parts.path)
    query = f"?{parts.query}" if parts.query else ""
    return f"{'https' if found[1] else 'http'}://{found[2]}{query}" if found else None


def article_id(canonical: str) -> str:
    """The id of the article at a canonical URL: sha256, the first 32 hex digits."""
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def host_of(url: str) -> str:
    """The host that is asked for `url`, lower-case; "" when it is no web address."""
    parts = _web_address(url)
    return (_ascii_host(parts.hostname or "") or "") if parts else ""


def source_of(url: str) -> str:
    """The host without "www.": what readers call the source."""
    return host_of(url).removeprefix("www.")


def same_site(first: str, second: str) -> bool:
    """Whether two URLs belong to one registered domain, as far as names tell (m.example.co.uk and example.co.uk)."""
    return _registered(host_of(first)) == _registered(host_of(second)) != ""


def is_home_page(url: str) -> bool:
    """Whether a URL is a site's front page."""
    parts = _web_address(url)
    return parts is not None and not parts.query and HOME_PAGES.fullmatch(parts.path) is not None


def is_section_page(url: str) -> bool:
    """Whether a URL is a list of articles, as far as its path tells: /politics, /news/world, /tag/elections.

    Careful rather than complete: a list that passes for an article costs a page, an article that passes for a list is
    lost.
    """
    parts = _web_address(url)
    if parts is None or parts.query:
        return False
    words = [word for word in parts.path.lower().split("/") if word]
    if not 1 <= len(words) <= 3:
        return False
    if LISTS.fullmatch(words[0]):
        return len(words) <= 2 and not any(character.isdigit() for character in words[-1])
    return all(SECTIONS.fullmatch(word) for word in words)


def is_shortener(url: str) -> bool:
    """Whether a URL is a short link, which says nothing about the page that it leads to."""
    return SHORTENERS.fullmatch(source_of(url)) is not None


def _web_address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(DROPPED.sub("", url.strip()))
        _ = parts.port  # raises when it is no port
    except ValueError:
        return None
    return parts if parts.scheme in DEFAULT_PORTS and parts.hostname else None


def _ascii_host(host: str) -> str | None:
    """The host as DNS knows it; None when it can't be one."""
    host = host.rstrip(".").lower()
    if ":" in host:
        return f"[{host}]"
    try:
        found = host if host.isascii() else host.encode("idna").decode().rstrip(".").lower()
    except UnicodeError:
        return None
    return found if HOST.fullmatch(found) else None


def _port(parts: SplitResult) -> str:
    return "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"


def _path(path: str) -> str:
    """The path in one spelling, without "." and ".." segments (RFC 3986, 5.2.4)."""
    kept: list[str] = []
    segments = _spelt(path or "/").split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _spelt(text: str) -> str:
    """Escapes in one spelling: none where none is needed, upper-case digits, UTF-8 for everything else."""
    pieces = ESCAPE.split(text)
    plain = [quote(piece, safe=KEPT, errors="replace") for piece in pieces[::2]]  # a "%" here begins no escape
    escapes = [_escape(digits) for digits in pieces[1::2]] + [""]
    return "".join(piece + escape for piece, escape in zip(plain, escapes, strict=True))


def _escape(digits: str) -> str:
    character = chr(int(digits, 16))
    return character if UNRESERVED.fullmatch(character) else f"%{digits.upper()}"


def _is_tracking(item: str) -> bool:
    return TRACKING.fullmatch(item.partition("=")[0].lower()) is not None or AMP_QUERY.fullmatch(item) is not None


def _registered(host: str) -> str:
    labels = host.split(".")
    if all(label.isdigit() for label in labels) or host.startswith("["):
        return host  # an address has no domain
    country_registry = len(labels) > 2 and len(labels[-1]) == 2 and bool(REGISTRY_LABELS.fullmatch(labels[-2]))
    return ".".join(labels[-3:] if country_registry else labels[-2:])
