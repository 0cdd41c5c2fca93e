"""What a site says against automated use of its pages: short names, recorded on the article. Pure.

In: an answer's headers, a page's meta tags, a robots.txt. Out: names such as "noai", "tdm-reservation" or "robots.txt:
GPTBot". Nothing here is acted on: robots.txt's rules for us are kept elsewhere; who uses the articles decides.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

# Who gathers pages for language models, as they name themselves in robots.txt (their own documentation, and
# github.com/ai-robots-txt/ai.robots.txt, 2026).
AGENTS = (
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
# of X-Robots-Tag and <meta name="robots">; the first two are names of their own (DeviantArt, 2022)
OWN_NAMES = ("noai", "noimageai")
DIRECTIVES = ("noindex", "noarchive", "nosnippet", "none")
# robots.txt: Content-Signal (contentsignals.org), Content-Usage (IETF aipref); as a header too
USAGE = re.compile(r"(?im)^[ \t]*(content-signal|content-usage)[ \t]*:[ \t]*(.{0,500})$")
REFUSAL = re.compile(
    r"\b(ai-train|ai-input|search|train-ai|train-genai|ai-use|bots|use-ai)\s*=\s*(?:n|no)\b", re.IGNORECASE
)
BOT = "newsloom"


def signals(headers: Mapping[str, str], metas: Mapping[str, str], robots: Iterable[str]) -> tuple[str, ...]:
    """The signals of a page, each once. Names of headers and metas in lower case; `robots` as robots_signals tells."""
    found = [*_reserved(headers), *_reserved(metas), *robots]
    found += _directives(headers.get("x-robots-tag", ""), "x-robots-tag")
    for name in ("robots", BOT):
        found += _directives(metas.get(name, ""), "meta robots")
    for name in ("content-signal", "content-usage"):
        found += _usages(name, headers.get(name, ""))
    return tuple(dict.fromkeys(found))


def robots_signals(text: str, refuses: Callable[[str], bool]) -> tuple[str, ...]:
    """The signals of a robots.txt. `refuses`: whether it keeps an agent from the whole site."""
    lower = text.lower()
    named = (agent for agent in AGENTS if agent.lower() in lower)
    found = [f"robots.txt: {agent}" for agent in named if refuses(agent)]
    for match in USAGE.finditer(text):
        found += _usages(match[1].lower(), match[2])
    return tuple(dict.fromkeys(found))


def _reserved(stated: Mapping[str, str]) -> Iterator[str]:
    """TDM Reservation Protocol (W3C community group, 2024): header or meta tag, 1 is reserved."""
    if stated.get("tdm-reservation", "").strip() == "1":
        yield "tdm-reservation"


def _directives(stated: str, place: str) -> Iterator[str]:
    """Of a list that may be for everybody, or for one bot: "googlebot: noindex, nofollow"."""
    for_us = True
    for part in stated.lower().split(","):
        agent, colon, rest = part.partition(":")
        if colon and agent.strip() not in (
            "max-snippet",
            "max-image-preview",
            "max-video-preview",
            "unavailable_after",
        ):
            for_us = agent.strip() == BOT
        word = (rest if colon else part).strip()
        if for_us and word in OWN_NAMES:
            yield word
        elif for_us and word in DIRECTIVES:
            yield f"{place}: {word}"


def _usages(name: str, stated: str) -> Iterator[str]:
    for match in REFUSAL.finditer(stated):
        yield f"{name}: {match[1].lower()}=no"
