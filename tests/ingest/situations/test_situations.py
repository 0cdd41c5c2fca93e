"""Ordinary oddities of the web that readers and scrapers were reported to fail at, each through the whole poller.

One newspaper shows them all, each in a feed of its own; it is polled three times, and changes between the polls. Each
test looks at what became of its feed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY

from ingest.frontier.child_sitemaps import MOST_LISTED
from newsloom.demo.local_site import Site
from pipeline.messages import PAGELESS_PREFIX, Article
from pipeline.settings import Settings
from tests.ingest.local_newspaper import Story, articles, letters, once, states, with_feeds
from tests.ingest.situations.odd_newspaper import CODED, CONSENT_HOST, FERRY, GONE, HEADLINES, MANY, WALLS, Oddities

pytestmark = pytest.mark.stack


@dataclass
class Run:
    """What came of the three polls."""

    paper: Oddities
    options: Settings
    cut: float  # counted in all

    def of(self, feed: str) -> list[Article]:
        """The articles of the feed at this path, in their order."""
        return [each for each in articles(self.options) if each.feed_url == self.paper.site.url + feed]

    def paths(self, feed: str) -> dict[str, str]:
        """The paths of a feed's articles, with where their text is from."""
        return {each.url.removeprefix(self.paper.site.url): each.text_from for each in self.of(feed)}

    def asked(self, start: str) -> list[str]:
        return [path for path in self.paper.site.paths() if path.startswith(start)]


@pytest.fixture(scope="module")
def run(shared_options: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with Site() as site, Site(host=CONSENT_HOST) as consent:
        paper = Oddities(site, consent)
        paper.first()
        folder: Path = tmp_path_factory.mktemp("situations")
        options = with_feeds(shared_options, folder, [site.url + path for path in paper.feeds])
        options = replace(options, ingest=replace(options.ingest, connections_per_host=1))
        counted = entries_cut()
        once(options)
        paper.second()
        once(options)
        paper.track(3)
        once(options)
        yield Run(paper, options, entries_cut() - counted)


def entries_cut() -> float:
    """The metric."""
    return REGISTRY.get_sample_value("newsloom_feed_entries_cut_total") or 0.0


# --- the right page ---


def test_walls_of_another_host_become_no_article_in_any_language(run: Run) -> None:
    found = run.of("/walls.xml")
    assert run.paths("/walls.xml") == {f"/wall-{language}.html": "feed" for language in WALLS}
    assert len(found) == len(WALLS)
    assert all(each.title == Story(each.url.rpartition("/")[2].removesuffix(".html")).title for each in found)
    assert {each.belonging_reasons[0] for each in found} <= {"unreadable_page", "other_page"}


@pytest.mark.parametrize("name", ["template", "ogtemplate"])
def test_a_canonical_address_that_another_entry_has_claimed_takes_no_article_away(name: str, run: Run) -> None:
    found = run.paths(f"/{name}.xml")
    towns = {each.title.partition(f"{name}-")[2].partition("-")[0] for each in run.of(f"/{name}.xml")}
    assert towns == {"Arden", "Brome", "Corby"}
    assert list(found.values()) == ["page"] * 3
    assert len(found.keys() - {f"/{name}.html"}) == 2


def test_a_canonical_address_of_a_section_is_not_believed(run: Run) -> None:
    towns = ("Arden", "Brome", "Corby")
    assert run.paths("/section.xml") == {f"/2026/11/section-{town}-votes-again.html": "page" for town in towns}


def test_a_canonical_address_without_the_query_that_tells_articles_apart_is_not_believed(run: Run) -> None:
    assert run.paths("/query.xml") == {f"/news.php?id={number}": "page" for number in (4711, 4712, 4713)}


def test_the_address_of_a_waiting_entry_is_left_to_it(run: Run) -> None:
    titles = {each.url.removeprefix(run.paper.site.url): each.title for each in run.of("/claimed.xml")}
    assert titles == {"/Mistaken.html": Story("Mistaken").title, "/Ferry.html": FERRY}


def test_home_section_error_and_other_pages_in_an_articles_place_are_refused_and_say_so(run: Run) -> None:
    found = run.of("/gone.xml")
    assert {each.text_from for each in found} == {"feed"}
    assert {each.url.rpartition("/")[2] for each in found} == {
        f"{'-'.join(title.lower().split())}.html" for title in GONE
    }
    reasons = {each.title: each.belonging_reasons[0] for each in found}
    told = ("no_article_page", "no_article_page", "unreadable_page", "no_article_page", "other_page")
    assert reasons == dict(zip(GONE, told, strict=True))


def test_real_headlines_that_sound_like_errors_and_walls_are_articles(run: Run) -> None:
    assert {each.title: each.text_from for each in run.of("/briefs.xml")} == dict.fromkeys(HEADLINES, "page")
    assert all((each.belonging or 0) > 0.99 for each in run.of("/briefs.xml"))


def test_a_meta_refresh_is_a_redirect_and_wrapped_links_are_unwrapped(run: Run) -> None:
    assert run.paths("/links.xml") == {"/Landed.html": "page", "/Wrapped.html": "page"}


def test_a_broken_character_costs_no_page(run: Run) -> None:
    found = {each.url.rpartition("/")[2].removesuffix(".html"): each for each in run.of("/encodings.xml")}
    assert {name: each.text_from for name, each in found.items()} == dict.fromkeys(CODED, "page")
    assert all(text in found[name].text for name, text in CODED.items())


# --- nothing missed ---


def test_an_item_without_a_link_is_published_from_its_text(run: Run) -> None:
    [found] = run.of("/nolink.xml")
    assert (found.text, found.text_from) == ("The ferry is late.", "feed")
    assert found.url.startswith(PAGELESS_PREFIX)


def test_of_several_alternates_the_page_in_the_feeds_own_language_is_fetched(run: Run) -> None:
    assert run.asked("/Bridge-") == ["/Bridge-de.html"]


def test_a_corrected_address_that_redirects_is_a_revision(run: Run) -> None:
    first, second = run.of("/corrected.xml")
    assert (first.id, first.revision, second.revision) == (second.id, 1, 2)
    assert second.url.endswith("/2026/frome-bridge.html")
    assert second.changed == ("text",)


def test_an_address_whose_tracking_changes_at_each_poll_is_fetched_once(run: Run) -> None:
    assert len(run.asked("/Tracked.html")) == 1


def test_a_new_etag_of_an_equal_body_is_kept(run: Run) -> None:
    requests = [each for each in run.paper.site.requests if each.path == "/tagged.xml"]
    assert [each.headers.get("if-none-match") for each in requests] == [None, '"1"', '"2"']


def test_the_newest_of_a_feed_that_is_sorted_oldest_first_is_fetched_first(run: Run) -> None:
    assert run.asked("/Day") == [f"/Day{day}.html" for day in range(9, 0, -1)]


def test_the_sitemaps_of_an_index_without_dates_are_all_read_and_news_in_them_is_found(run: Run) -> None:
    assert set(run.asked("/child")) >= {f"/child{number}.xml" for number in range(12)}
    assert [run.asked("/child-few").count(f"/child-few{number}.xml") for number in range(3)] == [3, 3, 3]
    assert run.paths("/few.xml") == {"/Late.html": "page"}


def test_a_cut_is_said_counted_and_shown_and_what_is_newest_is_left(run: Run) -> None:
    state = states(run.options)[f"{run.paper.site.url}/many.xml"]
    assert state.cut == MANY - MOST_LISTED
    assert any(f"{state.cut} too many, the oldest, were left out" in each.detail for each in state.events)
    assert run.cut >= state.cut
    assert run.asked("/child-many")[0] == f"/child-many{MANY - 1}.xml"


def test_no_page_that_was_refused_is_lost_without_a_word(run: Run) -> None:
    """Whatever could not be read lies with the dead letters too."""
    buried = {each.subject.removeprefix(run.paper.site.url) for each in letters(run.options)}
    unreadable = [each for each in articles(run.options) if each.belonging_reasons[:1] == ("unreadable_page",)]
    assert {each.url.removeprefix(run.paper.site.url) for each in unreadable} <= buried
