"""`newsloom search` and `newsloom article` as a reader uses them: what is meant is found, or what is wrong is said."""

import json

import pytest
from click.testing import CliRunner, Result

from index import mapping, write
from index.searching import article_search
from newsloom.__main__ import in_words, newsloom
from newsloom.commands.articles.search import read_query
from newsloom.terminal import SHORT_ID
from pipeline.entity import Entity, Place
from pipeline.failures import Failure
from pipeline.messages import Enriched
from pipeline.settings import Settings
from tests.conftest import environment_of
from tests.index.samples import NOVEMBER, enriched


def run(options: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(newsloom, arguments, env=environment_of(options))


def told(result: Result) -> str:
    """What a person is told, whether it went well or not."""
    return in_words(result.exception) if isinstance(result.exception, Failure) else result.output


# --- the query ---


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (("central", "bank"), "central bank"),
        (('"central', "bank"), '"central bank"'),
        (('"central bank" "interest', "rate"), '"central bank" "interest rate"'),
        (("“central bank”",), '"central bank"'),
        (("„central bank“", "rate"), '"central bank" rate'),
        ((r"5\"", "pipe"), r"5\" pipe"),
    ],
)
def test_a_quote_that_is_not_closed_goes_to_the_end(words: tuple[str, ...], query: str) -> None:
    assert read_query(words) == query


# --- on the real server ---

IDS = ("a1b2c3d4" * 4, "a1b2ffff" * 4, "c" * 32)
MAYOR = Entity(name="Öncü Keçeli", key="oncu keceli", type="person", count=2)
TEXT = "Ships may enter \x1b[31m the harbour from Monday.\n" + "A long paragraph. " * 300 + "\nThe end of it."


def articles() -> list[Enriched]:
    first, copy, other = IDS
    return [
        enriched(
            first, text=TEXT, authors=("A. Writer",), entities=(MAYOR,), language="en", source="www-2.example",
            source_name="The Velm Post", places=(Place(name="Türkiye", kind="country", country="TR"),),
            countries=("TR",), story="5" * 32, first_seen_at=NOVEMBER,
        ),
        enriched(copy, duplicate_of=first, duplicate_kind="exact", source="b.example", first_seen_at=NOVEMBER),
        enriched(other, title="Hafen wieder offen", text="Nichts sonst.", language="de", source_name="Tagblatt"),
    ]  # fmt: skip


@pytest.fixture
def filled(options: Settings) -> Settings:
    mapping.install(options.elasticsearch)
    write.stage(options.elasticsearch).handle(articles())
    article_search.refresh(options.elasticsearch)
    return options


@pytest.mark.stack
def test_filters_take_what_people_call_things(filled: Settings) -> None:
    for filters in (
        ("--language", "german"),
        ("--source", "TAGBLATT"),
        ("--source", "https://www.paper.example/politics"),
    ):
        assert "Hafen wieder offen" in run(filled, "search", "hafen", *filters).output, filters
    assert "harbour" in run(filled, "search", "harbour", "--country", "Turkey").output
    assert "harbour" in run(filled, "search", "harbour", "--source", "the velm post").output


@pytest.mark.stack
def test_a_filter_that_finds_nothing_says_which_values_there_are(filled: Settings) -> None:
    for filters, said in {
        ("--language", "Kurdish"): "no article is in Kurdish: there are English (en), German (de)",
        ("--country", "Peru"): "no article names Peru: there are Türkiye (TR)",
        ("--source", "velm"): "no source is called velm: did you mean The Velm Post?",
        ("--source", "Tagblat"): "no source is called Tagblat: did you mean Tagblatt",
    }.items():
        result = run(filled, "search", "harbour", *filters)
        assert result.exit_code == 0
        assert said in result.stderr, result.stderr
        assert "0 articles" in result.stdout
    assert run(filled, "search", "nowhere", "--language", "en").stderr == ""


@pytest.mark.stack
def test_a_word_to_leave_out_may_stand_first_and_a_quote_may_stay_open(filled: Settings) -> None:
    left_out = run(filled, "search", "-harbour", "offen")
    assert left_out.exit_code == 0
    assert "1 articles" in left_out.stdout
    assert "0 articles" in run(filled, "search", "-offen", "hafen").stdout
    phrase, another = run(filled, "search", '"the harbour'), run(filled, "search", '"harbour the')
    assert phrase.stderr == 'a quote is not closed: searched for "the harbour"\n'
    assert "2 articles" in phrase.stdout
    assert "0 articles" in another.stdout
    assert "Usage:" in run(filled, "search", "-h").stdout


@pytest.mark.stack
def test_edits_are_found_by_the_words_that_went_and_came(filled: Settings) -> None:
    revised = enriched(IDS[2], revision=2, title="Hafen wieder offen", text="Nichts mehr.", language="de")
    write.stage(filled.elasticsearch).handle([revised])
    article_search.refresh(filled.elasticsearch)
    for words in (("sonst",), ("mehr",), ()):
        shown = run(filled, "search", "--edited", *words).stdout
        assert "edited 2026-10-31 23:30 UTC: text, 1 words removed, 1 added" in shown, words
        assert "1 articles" in shown, words
    assert "⟨sonst⟩" in run(filled, "search", "--edited", "sonst").stdout
    assert "0 articles" in run(filled, "search", "sonst").stdout  # it is in the article no more
    assert "0 articles" in run(filled, "search", "--edited", "Hafen").stdout
    assert "0 articles" in run(filled, "search", "--edited", "mehr", "--language", "en").stdout
    article = run(filled, "article", IDS[2]).stdout
    assert "1 added\n    - sonst.\n    + mehr.\n" in article
    nothing = run(filled, "search")
    assert (nothing.exit_code, "Missing argument 'QUERY...'" in nothing.stderr) == (2, True)


@pytest.mark.stack
def test_a_hit_names_ids_that_show_the_article_and_its_story(filled: Settings) -> None:
    shown = run(filled, "search", "harbour").stdout
    assert f"article {IDS[0][:SHORT_ID]}, story 55555555\n" in shown
    assert "https://paper.example/" + IDS[0] + "\n" in shown  # in one piece, though longer than a line
    article = run(filled, "article", IDS[0][:SHORT_ID]).stdout
    for fact in (
        "The harbour of Velm is open again\n",
        "The Velm Post (www-2.example)",
        "2026-11-01 00:10 UTC",
        "A. Writer",
        "Öncü Keçeli",
        "TR",
        "Ships may enter \\x1b[31m the harbour",
        "\nThe end of it.\n",
        f"same text      The Paper, article {IDS[1][:SHORT_ID]}",
    ):
        assert fact in article, (fact, article)
    assert article.count("A long paragraph.") == 300
    assert f"original       The Velm Post, article {IDS[0][:SHORT_ID]}" in run(filled, "article", IDS[1]).stdout


@pytest.mark.stack
def test_an_article_is_found_by_its_address_too_and_what_is_none_is_said(filled: Settings) -> None:
    found = run(filled, "article", f"https://paper.example/{IDS[2]}?utm_source=x", "--json")
    assert json.loads(found.stdout)["article"]["text"] == "Nichts sonst."
    several = told(run(filled, "article", "a1b2"))
    assert several.startswith("2 articles or more are meant by a1b2: ")
    assert IDS[1] in several
    assert "no article's id begins with ffff: `newsloom search`" in told(run(filled, "article", "ffff"))
    assert "at least 4 characters" in told(run(filled, "article", "a1"))
    assert "no article has the address" in told(run(filled, "article", "https://nowhere.example/"))
