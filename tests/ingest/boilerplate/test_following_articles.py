"""Articles that a page appends for endless scrolling are left out; parts of one article are kept."""

import pytest
from lxml import html

from ingest.boilerplate.blocks import split_into_blocks
from ingest.boilerplate.following_articles import drop_following_articles

WORDS = "The council of Westmarsh said that the old wall will be rebuilt before the next winter storms arrive. " * 3


def article(number: int, tag: str = "article", heading: str = "h1", name: str = "", words: str = WORDS) -> str:
    text = "".join(f"<p>{number}.{part} {words}</p>" for part in range(3))
    start = heading.partition(" ")[0]
    return f"<{tag} class='{name}'><{heading}>Headline {number}</{start}><p>By Ada Quill</p>{text}</{tag}>"


def kept(body: str, title: str = "Headline 1") -> set[str]:
    blocks = split_into_blocks(html.document_fromstring(f"<main>{body}</main>"))
    return {block.text[:3] for block in drop_following_articles(blocks, title) if block.text[1:2] == "."}


OWN = {"1.0", "1.1", "1.2"}
BOTH = OWN | {"2.0", "2.1", "2.2"}


@pytest.mark.parametrize(
    "body",
    [
        article(1) + article(2) + article(3),
        article(1, name="first") + article(2, heading="h2", name="next"),
        article(1, "div", name="post") + article(2, "div", name="post"),
        article(1, "section") + "<hr>" + article(2, "section"),
        article(1, "div", "h1 class=headline") + article(2, "div", "h2 class=headline"),
        article(1, "div", "h2") + article(2, "div", "h2"),
    ],
)
def test_appended_articles_are_left_out(body: str) -> None:
    assert kept(body) == OWN


@pytest.mark.parametrize(
    "body",
    [
        article(1, "section") + article(2, "section", "h2"),  # a part of the article
        article(1, "div", name="post") + article(2, "div", name="notes"),
        article(1) + article(2, "div"),
        f"<article><h1>Headline 1</h1>{article(1, heading='h2')}{article(2, heading='h2')}</article>",  # a live blog
        article(1, words="short.") + article(2),  # a teaser before the text
        article(1).replace("h1", "p") + article(2).replace("h1", "p"),
    ],
)
def test_parts_of_one_article_are_kept(body: str) -> None:
    assert kept(body) == BOTH


def test_short_texts_behind_the_article_are_left_to_the_classifier() -> None:
    assert kept(article(1) + article(2, words="Short.")) == BOTH
