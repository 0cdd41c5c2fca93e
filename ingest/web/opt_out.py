"""Opt-out signals: detects what a site declares against AI training, text mining and other automated use. Pure.

In: a response's headers, a page's meta tags, a robots.txt. Out: short names such as "noai", "tdm-reservation" or
"robots.txt: GPTBot", which are recorded on the article. Nothing is blocked here: whoever uses the articles decides.
The robots.txt rules for our own crawler are in ingest/web/robots.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

# Crawlers that collect pages for language models, by their names in robots.txt (their own documentation, and
# github.com/ai-robots-txt/ai.robots.txt, 2026).
AI_CRAWLERS = (
    "GPTBot",
    "CCBot",
    "Google-Extended",
    "anthropic-ai",
    "ClaudeBot",
    "Claude-Web",
    "Applebot-Extended",
    "Bytespider",
    "PerplexityBot",
    "Amazonbot",
    "meta-externalagent",
    "FacebookBot",
    "cohere-ai",
    "Diffbot",
    "omgili",
    "AI2Bot",
    "Timpibot",
    "img2dataset",
)
# words in X-Robots-Tag and <meta name="robots">; the first two are recorded by their bare name (DeviantArt, 2022)
AI_DIRECTIVES = ("noai", "noimageai")
ROBOTS_DIRECTIVES = ("noindex", "noarchive", "nosnippet", "none")
# robots.txt: Content-Signal (contentsignals.org), Content-Usage (IETF aipref); as a header too
USAGE_LINE = re.compile(r"(?im)^[ \t]*(content-signal|content-usage)[ \t]*:[ \t]*(.{0,500})$")
USAGE_REFUSAL = re.compile(
    r"\b(ai-train|ai-input|search|train-ai|train-genai|ai-use|bots|use-ai)\s*=\s*(?:n|no)\b", re.IGNORECASE
)
OUR_AGENT = "newsloom"


def page_opt_outs(headers: Mapping[str, str], metas: Mapping[str, str], robots: Iterable[str]) -> tuple[str, ...]:
    """All opt-out signals of a page, without duplicates.

    Header and meta names in lower case; `robots` are the signals of the site's robots.txt (see robots_opt_outs).
    """
    found = [*_tdm_reservation(headers), *_tdm_reservation(metas), *robots]
    found += _parse_directives(headers.get("x-robots-tag", ""), "x-robots-tag")
    for name in ("robots", OUR_AGENT):
        found += _parse_directives(metas.get(name, ""), "meta robots")
    for name in ("content-signal", "content-usage"):
        found += _parse_usage(name, headers.get(name, ""))
    return tuple(dict.fromkeys(found))


def robots_opt_outs(text: str, refuses: Callable[[str], bool]) -> tuple[str, ...]:
    """The opt-out signals in the text of a robots.txt. `refuses`: whether it disallows an agent the whole site."""
    lower = text.lower()
    named = (agent for agent in AI_CRAWLERS if agent.lower() in lower)
    found = [f"robots.txt: {agent}" for agent in named if refuses(agent)]
    for match in USAGE_LINE.finditer(text):
        found += _parse_usage(match[1].lower(), match[2])
    return tuple(dict.fromkeys(found))


def _tdm_reservation(headers_or_metas: Mapping[str, str]) -> Iterator[str]:
    """TDM Reservation Protocol (W3C community group, 2024): a header or meta tag, 1 means that rights are reserved."""
    if headers_or_metas.get("tdm-reservation", "").strip() == "1":
        yield "tdm-reservation"


def _parse_directives(stated: str, place: str) -> Iterator[str]:
    """The opt-outs in a list of directives for all bots or, as in "googlebot: noindex, nofollow", for one."""
    for_us = True
    for part in stated.lower().split(","):
        agent, colon, rest = part.partition(":")
        if colon and agent.strip() not in (
            "max-snippet",
            "max-image-preview",
            "max-video-preview",
            "unavailable_after",
        ):
            for_us = agent.strip() == OUR_AGENT
        word = (rest if colon else part).strip()
        if for_us and word in AI_DIRECTIVES:
            yield word
        elif for_us and word in ROBOTS_DIRECTIVES:
            yield f"{place}: {word}"


def _parse_usage(name: str, stated: str) -> Iterator[str]:
    for match in USAGE_REFUSAL.finditer(stated):
        yield f"{name}: {match[1].lower()}=no"
