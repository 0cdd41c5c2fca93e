"""With security: nobody is told anything, TLS is of a known authority only, users get the rights they need."""

from pathlib import Path

import msgspec
import pytest

from index import mapping, write
from index.searching import article_search
from index.upkeep import rights
from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting
from pipeline.settings import Settings
from tests.index.guarded import Guard, door
from tests.index.samples import enriched
from tests.pipeline.password_broker import certificate

WRITER, SECRET, KEY = "news_index", "of-the-writer", "a2V5OnNlY3JldA=="


def named(options: Settings, url: str, **more: str) -> settings.Elasticsearch:
    return msgspec.structs.replace(options.elasticsearch, url=url, **more)


def finds(options: settings.Elasticsearch) -> bool:
    """Whether an article goes in and is found."""
    mapping.install(options)
    write.stage(options).handle([enriched("a")])
    article_search.refresh(options)
    return article_search.count(options) == 1


@pytest.mark.stack
def test_a_password_or_a_key_over_tls_lets_in(options: Settings, tmp_path: Path) -> None:
    trust, both = certificate(tmp_path)
    guard = Guard({WRITER: SECRET}, frozenset({KEY}))
    with door(options.elasticsearch.url, guard, certificate=both) as url:
        assert finds(named(options, url, ca_file=str(trust), username=WRITER, password=SECRET))
        assert finds(named(options, url, ca_file=str(trust), api_key=KEY))
    assert min(guard.admitted[WRITER], guard.admitted["key"]) >= 4


@pytest.mark.stack
def test_nobody_else_is_let_in(options: Settings, tmp_path: Path) -> None:
    trust, both = certificate(tmp_path)
    guard = Guard({WRITER: SECRET}, frozenset({KEY}))
    with door(options.elasticsearch.url, guard, certificate=both) as url:
        for wrong in ({}, {"username": WRITER, "password": "guessed"}, {"api_key": "guessed"}):
            with pytest.raises(Unavailable, match="status 401"):
                article_search.count(named(options, url, ca_file=str(trust), **wrong))
        with pytest.raises(Unavailable, match="TlsError"):  # of an authority that this machine does not know
            article_search.count(named(options, url, username=WRITER, password=SECRET))
        elsewhere = url.replace("127.0.0.1", "localhost.localdomain")  # a name that the certificate does not have
        with pytest.raises(Unavailable):
            article_search.count(named(options, elsewhere, ca_file=str(trust), username=WRITER, password=SECRET))
    assert guard.admitted == {}


@pytest.mark.stack
def test_users_are_made_with_their_roles_and_a_second_time_too(options: Settings) -> None:
    guard = Guard({"elastic": "secret"})
    passwords = {
        "index": SECRET,
        "watch": "of-watches",
        "web": "of-the-page",
        "reader": "of-people",
        "kibana": "of-kibana",
        "ingest": "of-no-one-here",
    }
    with door(options.elasticsearch.url, guard) as url:
        there = named(options, url, username="elastic", password="secret", prefix="news")  # noqa: S106
        users = ["news_index", "news_watch", "news_web", "news_reader", "kibana_system"]
        assert rights.create_users(there, passwords) == users
        first, guard.security[:] = list(guard.security), []
        rights.create_users(there, passwords)
    assert guard.security == first
    told = {path: body for _, path, body in first}
    assert set(told) == {
        *(f"/_security/role/news_{role}" for role in ("index", "watch", "web", "reader")),
        *(
            "/_security/user/news_index",
            "/_security/user/news_watch",
            "/_security/user/news_web",
            "/_security/user/news_reader",
            "/_security/user/kibana_system/_password",
        ),
    }
    assert told["/_security/user/news_index"] == {"password": SECRET, "roles": ["news_index"]}
    assert told["/_security/user/kibana_system/_password"] == {"password": "of-kibana"}


def test_roles_are_about_our_own_indices_and_readers_change_nothing() -> None:
    roles = rights.build_roles("zeitung")
    given = [each for role in roles.values() for each in role["indices"]]
    assert {name for each in given for name in each["names"]} == {"zeitung", "zeitung-*"}
    assert "all" not in {right for each in given for right in each["privileges"]}
    [reader] = roles["zeitung_reader"]["indices"]
    assert set(reader["privileges"]) == {"read", "view_index_metadata"}
    assert roles["zeitung_reader"]["cluster"] == []
    assert {right for role in roles.values() for right in role["cluster"]} <= {"monitor", "create_snapshot"}


@pytest.mark.stack
def test_a_server_without_security_says_so(options: Settings) -> None:
    assert rights.create_users(options.elasticsearch, {}) == []
    with pytest.raises(WrongSetting, match="makes no users"):
        rights.create_users(options.elasticsearch, {"index": "x"})
