"""Backup: takes, lists, deletes and restores snapshots of our indices in a repository of the server.

In: settings. Out: names of snapshots. There is one snapshot for each day, as `news-2026.11.23`: taking it again on the
same day does nothing, so several processes may try.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from elasticsearch import ApiError

from index.client import call_server, connect, error_reason
from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting

# a snapshot copies only what is new since the one before, but the first one of a large index takes long
SNAPSHOT_SECONDS = 3_600.0
MOST_NAMED = 5  # snapshots that are named to one who asks for another
OPEN_INDEX = re.compile(r"restore index \[([^\]]+)\] because an open index with same name")


def register_repository(options: settings.Elasticsearch, location: str) -> None:
    """Creates the repository as a folder below the server's `path.repo`. Raises Unavailable, WrongSetting."""
    body = {"type": "fs", "settings": {"location": location, "compress": True}}
    with connect(options) as client:
        make = partial(client.snapshot.create_repository, name=_repository(options), repository=body)
        _call_repository(make, _Asked(options, location=location))


def take_snapshot(options: settings.Elasticsearch, now: datetime) -> str:
    """Takes today's snapshot, unless it exists. Returns its name. Raises Unavailable, WrongSetting."""
    name = f"{options.prefix}-{now.astimezone(UTC):%Y.%m.%d}"
    if name in list_snapshots(options):
        return name
    with connect(options) as client:
        patient = client.options(request_timeout=SNAPSHOT_SECONDS)
        take = partial(patient.snapshot.create, **_all_indices_request(options, name))
        answer = _call_repository(take, _Asked(options, name))
    state = answer["snapshot"]["state"]
    if state != "SUCCESS":
        raise Unavailable("elasticsearch", f"snapshot {name} is {state}: {answer['snapshot'].get('failures')}")
    return name


def list_snapshots(options: settings.Elasticsearch) -> list[str]:
    """The names of our snapshots, oldest first. Raises Unavailable, WrongSetting."""
    with connect(options) as client:
        ask = partial(client.snapshot.get, repository=_repository(options), snapshot=f"{options.prefix}-*")
        answer = _call_repository(ask, _Asked(options))
    ours = re.compile(re.escape(options.prefix) + r"-\d{4}\.\d\d\.\d\d")
    return sorted(each["snapshot"] for each in answer["snapshots"] if ours.fullmatch(each["snapshot"]))


def delete_old_snapshots(options: settings.Elasticsearch, keep: int) -> list[str]:
    """Deletes all but the newest `keep` snapshots and returns their names. Raises Unavailable, WrongSetting."""
    leaving = list_snapshots(options)[:-keep]
    with connect(options) as client:
        for name in leaving:
            delete = partial(client.snapshot.delete, repository=_repository(options), snapshot=name)
            _call_repository(delete, _Asked(options, name))
    return leaving


def restore_snapshot(options: settings.Elasticsearch, name: str) -> list[str]:
    """Restores the indices of a snapshot with their aliases; none of them may exist. Returns their names.

    Raises Unavailable, WrongSetting.
    """
    with connect(options) as client:
        patient = client.options(request_timeout=SNAPSHOT_SECONDS)
        restore = partial(patient.snapshot.restore, **_all_indices_request(options, name))
        answer = _call_repository(restore, _Asked(options, name))
    return sorted(answer["snapshot"]["indices"])


def _all_indices_request(options: settings.Elasticsearch, name: str) -> dict[str, Any]:
    """Parameters of a request about a snapshot of all our indices, which waits until it is done."""
    return {
        "repository": _repository(options),
        "snapshot": name,
        "indices": f"{options.prefix}-*",
        "include_global_state": False,
        "wait_for_completion": True,
    }


def _repository(options: settings.Elasticsearch) -> str:
    if not options.repository:
        raise WrongSetting(
            "elasticsearch.repository is empty: name one (NEWSLOOM_ELASTICSEARCH__REPOSITORY=backup), and make it with "
            "`newsloom index snapshot register FOLDER`"
        )
    return options.repository


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request to a repository is about: a snapshot, or the folder where the repository is to be."""

    options: settings.Elasticsearch
    snapshot: str = ""
    location: str = ""


def _call_repository(action: Callable[[], Any], asked: _Asked) -> Any:
    """Like `call_server`, but 404 and 500 blame the request too: a repository refuses requests with these statuses."""
    try:
        return call_server(action)
    except ApiError as error:
        raise WrongSetting(_in_words(error, asked)) from error
    except Unavailable as error:
        if isinstance(error.__cause__, ApiError) and error.__cause__.status_code in (404, 500):
            raise WrongSetting(_in_words(error.__cause__, asked)) from error
        raise


def _in_words(error: ApiError, asked: _Asked) -> str:
    """Why the server refuses, in our words where it is known; else in its own."""
    reason, repository = error_reason(error), asked.options.repository
    if "repository_missing_exception" in reason:
        return f"the server has no repository {repository}: make it with `newsloom index snapshot register FOLDER`"
    if "snapshot_missing_exception" in reason or reason.endswith("snapshot does not exist"):
        there = ", ".join(list_snapshots(asked.options)[-MOST_NAMED:]) or "none"
        return f"the repository {repository} has no snapshot {asked.snapshot}: the newest there are {there}"
    if "path.repo" in reason:
        return (
            f"{asked.location} can't be the repository's folder: it must lie below the server's path.repo, which is "
            "DIR/elasticsearch/snapshots for `newsloom run --data DIR`; a name alone, as in `register backup`, does"
        )
    if clash := OPEN_INDEX.search(reason):
        return (
            f"{asked.snapshot} can't be restored: the index {clash[1]} is there already. What is restored takes the "
            "place of nothing: delete that index first, or restore to a server that has none of ours"
        )
    return f"Elasticsearch refuses: {reason}"
