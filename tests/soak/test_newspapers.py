"""The newspapers of a soak and their web: the same for the same seed, and every text tells its marker and edition."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.soak.faulty_door import dechunked
from tests.soak.loopback_web import Mood, respond
from tests.soak.newspapers import EDITION, MARKER, Newspapers, Served, invented_sentences, read_sentences

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SITES = ("http://127.0.1.1:8000", "http://127.0.1.2:8000", "http://127.0.1.3:8000")


def papers(seed: int = 3) -> Newspapers:
    return Newspapers(seed, SITES, invented_sentences(seed))


def test_the_same_seed_makes_the_same_articles_and_another_makes_others() -> None:
    first, same, other = papers(), papers(), papers(4)
    made = [first.publish(NOW) for _ in range(50)]
    assert made == [same.publish(NOW) for _ in range(50)]
    assert not {each.marker for each in made} & {other.publish(NOW).marker for _ in range(50)}
    assert len({each.url for each in made}) == 50


def test_page_and_feed_tell_marker_and_edition() -> None:
    made_of = papers()
    made = made_of.publish(NOW)
    made_of.revise(made)
    site = next(site for site in SITES if made.url.startswith(site))
    page = made_of.serve(site, made.path)
    assert page is not None
    assert EDITION.findall(page.body.decode()) == [(made.marker, "2")] * 3  # title, headline, text
    feeds = [served.body.decode() for _, path in made_of.feeds if (served := made_of.serve(site, path))]
    assert any(f"{made.marker} edition 2" in feed and made.url in feed for feed in feeds)


def test_nothing_ordinary_appears_on_the_strange_site() -> None:
    made_of = papers()
    assert {made_of.publish(NOW).url.rpartition("/news/")[0] for _ in range(60)} == set(SITES[:-1])
    strange = made_of.publish_strange("odd1", "")
    assert strange.url.startswith(SITES[-1])
    assert MARKER.search(strange.url)


def test_sentences_are_invented_where_there_is_no_corpus(tmp_path: Path) -> None:
    assert read_sentences(tmp_path, 1) == invented_sentences(1)
    assert len(set(invented_sentences(1))) > 3_000


SERVED = Served("text/html", b"page")


@pytest.mark.parametrize(
    ("mood", "path", "served", "begins"),
    [
        (Mood(), "/a", SERVED, b"HTTP/1.1 200 "),
        (Mood(), "/a", None, b"HTTP/1.1 404 "),
        (Mood(status=503, headers="Retry-After: 9\r\n"), "/a", SERVED, b"HTTP/1.1 503 "),
        (Mood(status=503), "/robots.txt", SERVED, b"HTTP/1.1 200 "),
    ],
)
def test_a_site_answers_by_its_mood(mood: Mood, path: str, served: Served | None, begins: bytes) -> None:
    assert respond(mood, path, f"GET {path} HTTP/1.1\r\n\r\n", served).startswith(begins)


def test_a_site_knows_what_has_not_changed() -> None:
    tag = respond(Mood(), "/a", "", SERVED).partition(b"ETag: ")[2].partition(b"\r\n")[0].decode()
    assert respond(Mood(), "/a", f"If-None-Match: {tag}", SERVED).startswith(b"HTTP/1.1 304 ")


def test_a_body_in_chunks_is_put_together() -> None:
    assert dechunked(b"4\r\nabcd\r\nA\r\n0123456789\r\n0\r\n\r\n") == b"abcd0123456789"
