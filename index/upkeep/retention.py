"""Retention: deletes indices of old months, and indices that a rebuild has replaced.

In: a number of months to keep. Out: the names of the deleted indices. Only whole indices are deleted, which costs
nothing: single deletions would force merges. Articles, stories and dead letters expire by month; a replaced index is
deleted an hour after its successor was created.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from index.client import call_server, connect
from index.writing.document_kinds import KINDS, DocumentKind
from pipeline import settings
from pipeline.failures import WrongSetting

# news-articles-2026.11, or news-articles-2026.11-2 after a rebuild; news-feeds-list has no month
INDEX_NAME = re.compile(r"(?P<base>.+-(?:(?P<year>\d{4})\.(?P<month>0[1-9]|1[0-2])|list))(?:-(?P<number>\d+))?")
# a search that began before the alias was switched may still read the replaced index
REPLACED_INDEX_KEPT_FOR = timedelta(hours=1)


def prune(options: settings.Elasticsearch, now: datetime, months: int) -> list[str]:
    """Deletes replaced indices, and indices of months before the last `months` (this month counts; 0 keeps all).

    Returns their names, sorted. Safe to repeat. Raises Unavailable, WrongSetting.
    """
    with connect(options) as client:
        leaving = find_deletable_indices(client, options.prefix, now, months)
        for name in leaving:  # by name: a cluster may forbid to delete by pattern, and a name can't match too much
            call_server(lambda name=name: client.indices.delete(index=name, ignore_unavailable=True))  # type: ignore[misc]
    return leaving


def find_deletable_indices(client: Elasticsearch, prefix: str, now: datetime, months: int) -> list[str]:
    """The names of the indices that `prune` deletes. Raises Unavailable, WrongSetting."""
    leaving: set[str] = set()
    for kind in KINDS:
        there = _indices_of(client, kind, prefix)
        if months:
            leaving |= set(expired_indices(there, f"{prefix}-{kind.name}", now, months))
        leaving |= {name for name, at in replaced_indices(there, kind.alias(prefix)).items() if at < now}
    return sorted(leaving)


def replaced_indices_kept(options: settings.Elasticsearch, now: datetime) -> dict[str, datetime]:
    """The indices that a rebuild has replaced and that `prune` does not delete yet, each with when it will.

    Raises Unavailable.
    """
    with connect(options) as client:
        replaced = [
            replaced_indices(_indices_of(client, kind, options.prefix), kind.alias(options.prefix)) for kind in KINDS
        ]
    return {name: at for each in replaced for name, at in sorted(each.items()) if at >= now}


def _indices_of(client: Elasticsearch, kind: DocumentKind, prefix: str) -> Mapping[str, Mapping[str, Any]]:
    """The indices of a kind, with their aliases and settings."""
    asked = call_server(
        lambda: client.indices.get(
            index=kind.pattern(prefix), allow_no_indices=True, expand_wildcards="all", features=["aliases", "settings"]
        )
    )
    found: Mapping[str, Mapping[str, Any]] = asked.body
    return found


def expired_indices(names: Iterable[str], beginning: str, now: datetime, months: int) -> list[str]:
    """Selects the monthly indices outside the last `months` months, oldest first. Pure.

    `beginning`: how the names of one kind begin, as `news-articles`. Raises WrongSetting for less than one month.
    """
    if months < 1:
        raise WrongSetting(f"at least the present month has to be kept, not {months} months")
    present = now.astimezone(UTC)
    first_kept = present.year * 12 + present.month - months
    ours = [(name, found) for name in sorted(names) if (found := _match_name(name, beginning)) and found["year"]]
    return [name for name, found in ours if int(found["year"]) * 12 + int(found["month"]) - 1 < first_kept]


def replaced_indices(indices: Mapping[str, Mapping[str, Any]], alias: str) -> dict[str, datetime]:
    """Selects the indices outside the alias whose successor is behind it, each with when it may be deleted. Pure.

    `indices`: the server's answer, index name -> its aliases and settings. One with a higher number than that behind
    the alias is no replaced one: it is being built.
    """
    searched = {name: about for name, about in indices.items() if alias in about["aliases"]}
    successors = {_base(name): (_number(name), _created_at(about)) for name, about in searched.items()}
    return {
        name: successors[_base(name)][1] + REPLACED_INDEX_KEPT_FOR
        for name in indices.keys() - searched.keys()
        if _number(name) < successors.get(_base(name), (0,))[0]
    }


def next_index_name(names: Iterable[str], name: str) -> str:
    """The name for the rebuilt index: the name of the old one with the next free number. Pure."""
    numbers = [_number(each) for each in names if _base(each) == _base(name)]
    return f"{_base(name)}-{max(numbers, default=1) + 1}"


def unfinished_rebuilds(names: Iterable[str], name: str) -> list[str]:
    """Selects the indices that were created to replace the index `name`: same name, higher number. Pure."""
    return [each for each in names if _base(each) == _base(name) and _number(each) > _number(name)]


def _number(name: str) -> int:
    found = INDEX_NAME.fullmatch(name)
    return int(found["number"] or 1) if found else 0


def _match_name(name: str, beginning: str) -> re.Match[str] | None:
    found = INDEX_NAME.fullmatch(name)
    return found if found and re.fullmatch(re.escape(beginning) + r"-(\d{4}\.\d\d|list)", found["base"]) else None


def _base(name: str) -> str:
    found = INDEX_NAME.fullmatch(name)
    return found["base"] if found else name


def _created_at(about: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(about["settings"]["index"]["creation_date"]) / 1000, UTC)
