"""What sites say against automated use, and under which names it is recorded."""

from collections.abc import Mapping

import pytest

from ingest.web.opt_out import page_opt_outs, robots_opt_outs


@pytest.mark.parametrize(
    ("headers", "metas", "expected"),
    [
        ({}, {}, ()),
        ({"tdm-reservation": "1"}, {"tdm-reservation": "1"}, ("tdm-reservation",)),
        ({"tdm-reservation": "0"}, {}, ()),
        ({"x-robots-tag": "noai, NoImageAI"}, {}, ("noai", "noimageai")),
        ({"x-robots-tag": "noarchive, max-snippet: 20"}, {}, ("x-robots-tag: noarchive",)),
        ({"x-robots-tag": "googlebot: noindex, noai"}, {}, ()),
        ({"x-robots-tag": "googlebot: noindex, newsloom: noindex, noai"}, {}, ("x-robots-tag: noindex", "noai")),
        ({"x-robots-tag": "max-snippet:-1, noai"}, {}, ("noai",)),
        ({}, {"robots": "index, follow, noai"}, ("noai",)),
        ({}, {"newsloom": "none"}, ("meta robots: none",)),
        ({}, {"googlebot": "noarchive"}, ()),
        ({"content-usage": "train-ai=n, search=y"}, {}, ("content-usage: train-ai=no",)),
    ],
)
def test_pages(headers: Mapping[str, str], metas: Mapping[str, str], expected: tuple[str, ...]) -> None:
    assert page_opt_outs(headers, metas, ()) == expected


def test_what_robots_txt_says_comes_with_the_page_and_each_signal_once() -> None:
    robots = ("robots.txt: GPTBot", "noai")
    assert page_opt_outs({"x-robots-tag": "noai"}, {"robots": "noai"}, robots) == ("robots.txt: GPTBot", "noai")


def test_robots_txt() -> None:
    said = (
        "User-agent: gptbot\nUser-agent: CCBot\nUser-agent: Bytespider\nDisallow: /\n"
        " content-signal: ai-train=no,search=yes,ai-input=no"
    )
    found = robots_opt_outs(said, lambda agent: agent != "CCBot")
    assert found == (
        "robots.txt: GPTBot",
        "robots.txt: Bytespider",
        "content-signal: ai-train=no",
        "content-signal: ai-input=no",
    )
    # only those that are named: a site that is closed to everybody says nothing of language models
    assert robots_opt_outs("User-agent: *\nDisallow: /", lambda _: True) == ()
