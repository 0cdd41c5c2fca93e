"""Explained differences: why our feed parser's result differs from what another parser's tests expect.

Used by bench.feed_formats. In: the peer, the file and the field that differs. Out: the reason, "" if none is known.
"""

import re

# peer, pattern of the file's id, pattern of the field, and why our value differs
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
    ("feedparser", "link_no_href_link_priority", "at least", "two entries that say the same and have no id are one"),
    ("feedparser", "link_rel_enclosure_no_href", "at least", "two entries that say the same and have no id are one"),
    (
        "feedparser",
        "not_a_doctype|nested_cdata|malicious_comment",
        "",
        "broken markup: lxml reads it otherwise than sgmllib",
    ),
    ("feedparser", "(iframe|object)", "", "what lies in an iframe or object is no text of the article"),
)


def difference_reason(peer: str, file: str, field: str) -> str:
    """The first reason whose peer and patterns match; "" if none does."""
    reasons = (
        reason
        for name, file_pattern, field_pattern, reason in REASONS
        if name == peer and re.search(file_pattern, file) and re.search(field_pattern, field)
    )
    return next(reasons, "")
