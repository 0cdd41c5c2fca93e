"""The groups of a robots.txt as RFC 9309 has them, written so that protego reads them the same way. Pure.

In: the bytes of a robots.txt. Out: its text with one group after the other and each agent's product token ended by END,
and `agent`, the name to ask protego with. protego alone takes "News" for us, does not take "Newsloom/1.0" for us, and
ends a group at any line that it does not know.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import quote

# RFC 9309, 2.2.1: the product token is of these characters, and is matched whole and case-insensitively
PRODUCT_TOKEN = re.compile(r"[A-Za-z_-]+")
# stands behind each token, in the text and in what is asked: protego takes the beginning of a name for the name
END = "/"
# 2.2: EOL is CR, LF or both. str.splitlines knows more, which may stand in a path.
LINE_END = re.compile(r"\r\n|\r|\n")
OTHER_LINE_END = re.compile("[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# a byte order mark, or the part of one that editors have left
BYTE_ORDER_MARK = re.compile(rb"\A(?:\xef\xbb?\xbf?)?")
# names as people write them, with a colon or without, as Google's parser and protego take them
AGENT = re.compile(r"(?:user[ \t-]*agent)[ \t]*(?::|[ \t])[ \t]*(.*)", re.IGNORECASE)
RULE = re.compile(
    r"(allow|disallow|dissallow|dissalow|disalow|diasllow|disallaw)(?:[ \t]*:|[ \t]|$)[ \t]*(.*)", re.IGNORECASE
)
CRAWL_DELAY = re.compile(r"crawl[ -]delay[ \t]*(?::|[ \t])[ \t]*(.*)", re.IGNORECASE)
SITEMAP = re.compile(r"site-?maps?[ \t]*(?::|[ \t])[ \t]*(.*)", re.IGNORECASE)


@dataclass
class _Group:
    """A group: its agents, and its rules as lines of protego."""

    agents: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)


def decode_robots(body: bytes) -> str:
    """The text of a robots.txt, which is UTF-8 (2.3); bytes that are none cost themselves."""
    return BYTE_ORDER_MARK.sub(b"", body, count=1).decode("utf-8", "replace")


def agent(name: str) -> str:
    """The name to ask protego with about a crawler's product token."""
    return name.lower() + END


def rewrite_groups(text: str) -> str:
    """The text for protego: its groups, crawl delays and sitemaps.

    2.1 and 2.2: a group is one or more user-agent lines and the rules after them; only a user-agent line after a rule
    begins another. 2.2.4: other lines must not interfere, so blank lines, comments, sitemaps, crawl delays and what
    nobody knows split nothing. A crawl delay, which the RFC does not know, is for the agents named before it.
    """
    written: list[str] = []
    group = _Group()
    for line in (each.partition("#")[0].strip() for each in LINE_END.split(text)):
        if match := AGENT.fullmatch(line):
            if group.rules:
                written += _write(group)
                group = _Group()
            group.agents += _product_token(match[1])
        elif (match := RULE.fullmatch(line)) and group.agents:
            name = "Allow" if match[1].lower() == "allow" else "Disallow"
            group.rules.append(f"{name}: {OTHER_LINE_END.sub(_escape, match[2])}")
        elif (match := CRAWL_DELAY.fullmatch(line)) and group.agents:
            written += _write(_Group(group.agents, [f"Crawl-delay: {match[1]}"]))
        elif match := SITEMAP.fullmatch(line):
            written.append(f"Sitemap: {match[1]}")
    return "\n".join([*written, *_write(group)])


def _escape(match: re.Match[str]) -> str:
    return quote(match.group())


def _write(group: _Group) -> list[str]:
    """The group's lines; of one without rules its agents too, for which nothing is forbidden."""
    return [*(f"User-agent: {each}" for each in group.agents), *(group.rules or ["Disallow:"])] if group.agents else []


def _product_token(value: str) -> list[str]:
    """The token that a user-agent line names: "Newsloom/1.0" and "Newsloom Bot" name newsloom. None for nothing."""
    if value == "*" or value.startswith(("* ", "*\t")):
        return ["*"]
    match = PRODUCT_TOKEN.match(value)
    return [agent(match.group())] if match else []
