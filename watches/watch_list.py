"""Watch list: what is watched, from config/watches.toml and from `newsloom watch add`, brought together on a topic.

In: the file's text, the watches on the topic. Out: Watches by name; the messages that bring the topic up to the file.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from index.searching.filter_words import TypedSearch
from index.searching.query import Filters, SearchRequest
from pipeline import settings
from pipeline.failures import WrongSetting
from pipeline.kafka import broker
from pipeline.kafka.publisher import OutgoingMessage
from pipeline.messages import WATCHES
from pipeline.watch_messages import Watch

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,255}")
MOST_URL = 2_000  # characters


class FileWatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A [[watches]] table of the file."""

    name: str
    query: str = ""
    source: str | None = None
    language: str | None = None
    country: str | None = None
    entity: str | None = None
    revisions: bool = False
    webhook: str = ""
    mail: tuple[str, ...] = ()


class WatchFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    watches: tuple[FileWatch, ...] = ()


def read_file(path: Path, now: datetime) -> dict[str, Watch]:
    """The watches of the file, by name, as if made `now`; none when there is no file. Raises WrongSetting."""
    try:
        tables = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), WatchFile).watches
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise WrongSetting(f"the watches file {path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise WrongSetting(f"the watches file {path} is wrong: {error}") from error
    found: dict[str, Watch] = {}
    for table in tables:
        if table.name in found:
            raise WrongSetting(f"the watches file {path} has two watches called {table.name!r}")
        found[table.name] = checked(Watch(**msgspec.structs.asdict(table), since=now, origin="file"))
    return found


def checked(watch: Watch) -> Watch:
    """The watch itself. Raises WrongSetting, which says what is wrong with it."""
    if not NAME.fullmatch(watch.name):
        raise WrongSetting(f"{watch.name[:80]!r} is no name of a watch: small letters, digits and hyphens, at most 64")
    if not (watch.query.strip() or watch.source or watch.language or watch.country or watch.entity):
        raise WrongSetting(f"watch {watch.name} looks for nothing: give it words, a source, a language or a name")
    if watch.country is not None and not re.fullmatch(r"[A-Za-z]{2}", watch.country):
        raise WrongSetting(f"watch {watch.name}: a country is two letters, such as TR, not {watch.country[:80]!r}")
    if watch.webhook:
        _check_url(watch)
    for address in watch.mail:
        if not ADDRESS.fullmatch(address):
            raise WrongSetting(f"watch {watch.name}: {address[:80]!r} is no mail address")
    return watch


def is_web_address(url: str) -> bool:
    """Whether a webhook can be called at this address: http or https, with a host, and no longer than MOST_URL."""
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0  # raises ValueError too
    except ValueError:
        return False
    right = port_is_right and parts.scheme in ("http", "https") and bool(parts.hostname)
    return right and url.isprintable() and " " not in url and len(url) <= MOST_URL


def _check_url(watch: Watch) -> None:
    if not is_web_address(watch.webhook):
        raise WrongSetting(f"watch {watch.name}: a webhook is an http or https address, not {watch.webhook[:80]!r}")
    if "@" in urlsplit(watch.webhook).netloc:
        raise WrongSetting(f"watch {watch.name}: a webhook's address holds no password; calls can be signed instead")


def read_topic(options: settings.Kafka) -> dict[str, Watch]:
    """The watches on the topic, by name. Raises Unavailable, WrongSetting."""
    found: dict[str, Watch] = {}
    for record in broker.read_topic(options, WATCHES):
        found.pop((record.key or b"").decode(errors="replace"), None)
        watch = _readable(record.value) if record.value else None
        if watch is not None:
            found[watch.name] = watch
    return found


def _readable(value: bytes) -> Watch | None:
    """The watch in a message; None for one that no command and no file could have made."""
    watch = broker.decode_or_none(value, Watch)
    try:
        return checked(watch) if watch else None
    except WrongSetting:
        return None


def changes_of_file(file: Mapping[str, Watch], listed: Mapping[str, Watch]) -> Iterator[OutgoingMessage]:
    """The messages after which the topic has what the file has: a watch that stays keeps the time that it was made.

    A watch of the file takes the place of one of the same name that a command made. Pure.
    """
    for name, watch in file.items():
        had = listed.get(name)
        wanted = msgspec.structs.replace(watch, since=had.since) if had else watch
        if wanted != had:
            yield OutgoingMessage(WATCHES, wanted)
    for name, watch in listed.items():
        if watch.origin == "file" and name not in file:
            yield OutgoingMessage(WATCHES, watch, tombstone=True)


def watch_of_search(name: str, typed: TypedSearch, now: datetime) -> Watch:
    """The watch for a search as it was typed, filters and all. Raises WrongSetting for what no watch can look for."""
    filters = typed.filters
    beyond = [
        said
        for said, given in (
            ("after: and before:", filters.since or filters.until),
            ("story:", typed.story),
            ("kind:", filters.kind),
            ("more than one name", filters.names[1:]),
        )
        if given
    ]
    if beyond or typed.problems:
        why = [f"a watch looks for no {each}" for each in beyond]
        raise WrongSetting("; ".join((*typed.problems, *why)))
    return Watch(
        name=name,
        query=typed.words,
        source=filters.source,
        language=filters.language,
        country=filters.country,
        entity=filters.names[0].name if filters.names else None,
        since=now,
    )


def search_of(watch: Watch) -> SearchRequest:
    """The search that a watch stands for."""
    filters = Filters(source=watch.source, language=watch.language, country=watch.country, entity=watch.entity)
    return SearchRequest(query_text=watch.query, filters=filters, order="newest")
