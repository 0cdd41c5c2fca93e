"""Which indices leave, and their deletion: in: a number of months to keep; out: the names that went.

Whole indices only: dropping one costs nothing, and documents deleted one by one would cost a merge of everything else.
Articles, stories and dead letters leave by month; what a rebuild has replaced leaves an hour after its successor was
begun.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from index.client import call_server, connect
from index.writing.document_kinds import KINDS
from pipeline import settings
from pipeline.failures import WrongSetting

# news-articles-2026.11, and what it was rebuilt as: news-articles-2026.11-2
INDEX_NAME = re.compile(r"(?P<base>.+-(?:(?P<year>\d{4})\.(?P<month>0[1-9]|1[0-2])|list))(?:-(?P<number>\d+))?")
# a search that began before the switch may still read the old one
REPLACED_INDEX_KEPT_FOR = timedelta(hours=1)


def prune(options: settings.Elasticsearch, now: datetime, months: int) -> list[str]:
    """Deletes what is older than `months` months, the present one included, and what was replaced; 0 keeps all months.

    Returns the names, oldest first. Safe to repeat. Raises Unavailable, WrongSetting.
    """
    with connect(options) as client:
        leaving = find_deletable_indices(client, options.prefix, now, months)
        for name in leaving:  # by name: a cluster may forbid to delete by pattern, and a name can't match too much
            call_server(lambda name=name: client.indices.delete(index=name, ignore_unavailable=True))  # type: ignore[misc]
    return leaving


def find_deletable_indices(client: Elasticsearch, prefix: str, now: datetime, months: int) -> list[str]:
    """The names of those that `prune` deletes. Raises Unavailable, WrongSetting."""
    leaving: set[str] = set()
    for kind in KINDS:
        there = call_server(
            lambda kind=kind: client.indices.get(  # type: ignore[misc]
                index=kind.pattern(prefix),
                allow_no_indices=True,
                expand_wildcards="all",
                features=["aliases", "settings"],
            )
        )
        if months:
            leaving |= set(expired_indices(there, f"{prefix}-{kind.name}", now, months))
        leaving |= set(replaced_indices(there.body, kind.alias(prefix), now))
    return sorted(leaving)


def expired_indices(names: Iterable[str], beginning: str, now: datetime, months: int) -> list[str]:
    """Those of `names` that are monthly indices of ours and older than `months` months, oldest first. Pure.

    `beginning`: `news-articles`. Raises WrongSetting for less than one month.
    """
    if months < 1:
        raise WrongSetting(f"at least the present month has to be kept, not {months} months")
    present = now.astimezone(UTC)
    first_kept = present.year * 12 + present.month - months
    ours = [(name, found) for name in sorted(names) if (found := _match_name(name, beginning)) and found["year"]]
    return [name for name, found in ours if int(found["year"]) * 12 + int(found["month"]) - 1 < first_kept]


def replaced_indices(indices: Mapping[str, Mapping[str, Any]], alias: str, now: datetime) -> list[str]:
    """Those without the alias whose successor has it for long enough. Pure; `indices` as the server tells them."""
    searched = {name: about for name, about in indices.items() if alias in about["aliases"]}
    successors = {
        found["base"]
        for name, about in searched.items()
        if (found := INDEX_NAME.fullmatch(name))
        and found["number"]
        and now - _created_at(about) > REPLACED_INDEX_KEPT_FOR
    }
    return [name for name in indices.keys() - searched.keys() if _base(name) in successors]


def next_index_name(names: Iterable[str], name: str) -> str:
    """The name under which an index is rebuilt: the next number that none of `names` has. Pure."""
    numbers = [_number(each) for each in names if _base(each) == _base(name)]
    return f"{_base(name)}-{max(numbers, default=1) + 1}"


def unfinished_rebuilds(names: Iterable[str], name: str) -> list[str]:
    """Those of `names` that were begun to take the place of an index. Pure."""
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
