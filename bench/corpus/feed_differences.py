"""Why we differ from a peer where we do: in: peer, file and what is said of it; out: the reason, or ""."""

import re

# peer, file, what is said of it (patterns), and why we say something else
REASONS: tuple[tuple[str, str, str, str], ...] = (
    (
        "gofeed",
        "uri_at_protocol",
        "url",
        "feedparser takes the link's uri attribute, which is no web address, for the link",
    ),
    (
        "miniflux",
        r"Without\w*Title|MissingTitle",
        "title",
        "an entry without a title stays without one: the page has it, and a guess from the text would hide that",
    ),
    ("miniflux", "IDAsURL", "entry 1 url", "the id is a mail address: the site's home page is not this entry's page"),
    ("miniflux", "RDF.*|TestParseItemWithoutLink", "url", "rdf:about names the page; miniflux takes the home page"),
    ("feedparser", "bozo_http_i18n", "sound", "text/xml without a charset: what it is is decided by content"),
    ("feedparser", "bozo_linenoise", "summary", "the noise holds an empty pair of brackets, which we take for text"),
    ("feedparser", "entry_id_with_attributes", "identity", "relative, and we say where the feed came from"),
    ("feedparser", "cdf/channel_abstract", "sound", "an empty CDF channel is not known to be a feed"),
    ("feedparser", "node_precedence/atom10_title", "at least", "two entries that say the same and have no id are one"),
    (
        "feedparser",
        "not_a_doctype|nested_cdata|malicious_comment",
        "",
        "broken markup: lxml reads it otherwise than sgmllib",
    ),
    ("feedparser", "(iframe|object)", "", "what lies in an iframe or object is no text of the article"),
)


def reason(peer: str, file: str, what: str) -> str:
    """The first reason that fits."""
    fits = (
        why for who, which, said, why in REASONS if who == peer and re.search(which, file) and re.search(said, what)
    )
    return next(fits, "")
