"""The text blocks of a page, in order, their features, and which of them the classifier selects."""

import pytest
from lxml import html

from ingest.boilerplate.ancestor_features import NAME_GROUPS, element_contexts
from ingest.boilerplate.block_classifier import select_article_texts, select_texts
from ingest.boilerplate.block_features import ArticleHints, compute_block_features
from ingest.boilerplate.blocks import drop_short_links, split_into_blocks
from ingest.page.script_text import find_script_text

SENTENCE = "The council of Arden said on Monday that the bridge, which was closed in March, opens again in spring."
PARAGRAPHS = [f"{SENTENCE} {number} people will use it every day, the mayor said." for number in range(100, 106)]
PAGE = f"""<html><body><nav><ul><li><a href="/">Home</a></li><li><a href="/towns">Towns and villages</a></li></ul></nav>
  <main><article><h1>The bridge opens again</h1><div class="article-body">
  {"".join(f"<p>{each}</p>" for each in PARAGRAPHS)}</div></article></main>
  <aside class="newsletter-signup"><p>Sign up to our newsletter and get it every morning.</p></aside>
  <footer><p>© Arden Ledger. All rights reserved.</p></footer></body></html>"""


def texts(markup: str) -> list[str]:
    return [block.text for block in split_into_blocks(html.document_fromstring(markup))]


def test_blocks_are_the_texts_in_order() -> None:
    markup = (
        "<div>one <b>2</b> <a href=x>three</a><p>four<br>fi\xadve</p>six<script>var no;</script><p>\n</p>seven</div>"
    )
    assert texts(markup) == ["one 2 three", "four", "five", "six", "seven"]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<p>see <a href=x>the plan <span>(opens in a new window)</span></a> here</p>", ["see the plan here"]),
        ("<p>mit <a href=x>Investoren<span> (öffnet im neuen Fenster)</span></a>, die</p>", ["mit Investoren, die"]),
        ("<p>The shop opens in a new window of the mall</p>", ["The shop opens in a new window of the mall"]),
        ("<div>$$ADVERT$$<p>one</p>{{ caption }}<p>two costs $$ and {{more}} a day</p></div>",
         ["one", "two costs $$ and {{more}} a day"]),
    ],
)  # fmt: skip
def test_notes_for_screen_readers_and_placeholders_are_no_text(markup: str, found: list[str]) -> None:
    assert texts(markup) == found


def test_shares_in_links_and_bold() -> None:
    (block,) = split_into_blocks(html.document_fromstring("<p>ab <a href=x>cd <b>efg</b></a></p>"))
    assert (round(block.link_density, 2), round(block.bold_share, 2)) == (0.56, 0.33)
    assert [element.tag for element in block.ancestors] == ["html", "body", "p"]


def test_pictures_and_embeds_between_blocks() -> None:
    markup = (
        "<p>one</p><figure><img src=x></figure><p><i>Foto: two</i></p><iframe src=x></iframe><p>three <img src=x> 3</p>"
        "<p>four</p>"
    )
    found = split_into_blocks(html.document_fromstring(markup))
    assert [block.text for block in found if block.follows_picture] == ["Foto: two", "four"]
    assert [block.text for block in found if block.follows_embed] == ["three 3"]
    assert [block.text for block in found if block.italic_share > 0.9] == ["Foto: two"]


def test_features_tell_what_stands_beside_a_block() -> None:
    markup = (
        "<p>The mayor of Arden on the bridge</p><p>Photo: A. Person</p><p>Bridges of Arden:</p><ul><li>The old one</li>"
        "</ul><p><a href=x>WATCH NOW how it was built</a></p><p><a href=x>WATCH NOW how it fell</a></p>"
    )
    found = split_into_blocks(html.document_fromstring(markup))
    columns = compute_block_features(found, ArticleHints("")).columns
    features = {block.text: {name for name, column in columns.items() if column[at]} for at, block in enumerate(found)}
    assert "before a credit" in features["The mayor of Arden on the bridge"]
    assert "item behind a colon" in features["The old one"]
    assert "linked wholly, begins as another" in features["WATCH NOW how it fell"]


def test_blocks_that_are_only_a_short_link_are_dropped() -> None:
    found = split_into_blocks(html.document_fromstring(PAGE))
    assert {block.text for block in found} - {block.text for block in drop_short_links(found)} == {
        "Home",
        "Towns and villages",
    }


def test_the_short_links_of_a_list_that_is_an_article_are_kept() -> None:
    links = [f"shop.example/offer{number}" for number in range(6)]
    markup = "".join(f"<p>Offer of the day</p><p><a href=x>{link}</a></p>" for link in links)
    found = split_into_blocks(html.document_fromstring(f"<p><a href=x>Home</a></p>{markup}<p><a href=x>»</a></p>"))
    kept = {block.text for block in drop_short_links(found, "\n".join(("Offer of the day", *links)))}
    assert kept == {"Offer of the day", *links}
    few = {block.text for block in drop_short_links(found, "\n".join(("Offer of the day", *links[:3])))}
    assert few == {"Offer of the day"}


def test_the_context_of_elements() -> None:
    markup = '<div class="relatedStories"><p>text</p></div><p hidden>no</p><div itemprop="articleBody"><p>yes</p></div>'
    first, second, third = element_contexts(split_into_blocks(html.document_fromstring(markup)))
    assert {name for bit, name in enumerate(NAME_GROUPS) if first.own_groups >> bit & 1} == {"related"}
    assert (first.hidden, second.hidden, second.in_article_body, third.in_article_body) == (False, True, False, True)


def test_the_paragraphs_are_selected_and_the_boilerplate_around_them_is_not() -> None:
    found = drop_short_links(split_into_blocks(html.document_fromstring(PAGE)))
    chosen = [
        text
        for text, _ in select_article_texts(found, ArticleHints("\n".join(PARAGRAPHS), title="The bridge opens again"))
    ]
    assert [text for text in chosen if text in PARAGRAPHS] == PARAGRAPHS
    assert not any("newsletter" in text or "©" in text for text in chosen)


def test_every_block_has_every_feature() -> None:
    features = compute_block_features(split_into_blocks(html.document_fromstring(PAGE)), ArticleHints(""))
    assert {len(column) for column in features.columns.values()} == {len(features.sizes)}
    assert select_article_texts([], ArticleHints("")) == []


def test_a_text_that_is_repeated_is_selected_once_unless_it_is_very_short() -> None:
    long = "a text of more than five words"
    found = select_texts([long, "No.", long, "No.", "out"], [0.9, 0.8, 0.9, 0.8, 0.1], 0.5)  # type: ignore[arg-type]
    assert [text for text, _ in found] == [long, "No.", "No."]


def test_a_text_that_only_a_script_carries() -> None:
    data = (
        '{"body": "<div class=\\"caption\\"><p>Photo</p></div>'
        + "".join(f"<p>{each}</p>" for each in PARAGRAPHS)
        + '"}'
    )
    assert find_script_text(html.document_fromstring(f"<p>Loading</p><script>window.x = {data}</script>")) == "\n".join(
        PARAGRAPHS
    )
    assert find_script_text(html.document_fromstring("<p>none</p><script>var x = 1;</script>")) == ""
