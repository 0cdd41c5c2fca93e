"""Backup: takes, lists, deletes and restores snapshots of our indices in a repository of the server.

In: settings. Out: names of snapshots. There is one snapshot for each day, as `news-2026.11.23`: taking it again on the
same day does nothing, so several processes may try.
"""

import re
from datetime import UTC, datetime
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from index.client import call_server, connect, error_reason
from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting

# a snapshot copies only what is new since the one before, but the first one of a large index takes long
SNAPSHOT_SECONDS = 3_600.0


def register_repository(options: settings.Elasticsearch, location: str) -> None:
    """Creates the repository as a folder below the server's `path.repo`. Raises Unavailable, WrongSetting."""
    body = {"type": "fs", "settings": {"location": location, "compress": True}}
    with connect(options) as client:
        _call_repository(lambda: client.snapshot.create_repository(name=_repository(options), repository=body))


def take_snapshot(options: settings.Elasticsearch, now: datetime) -> str:
    """Takes today's snapshot, unless it exists. Returns its name. Raises Unavailable, WrongSetting."""
    name = f"{options.prefix}-{now.astimezone(UTC):%Y.%m.%d}"
    if name in list_snapshots(options):
        return name
    with connect(options) as client:
        patient = client.options(request_timeout=SNAPSHOT_SECONDS)
        answer = _call_repository(lambda: patient.snapshot.create(**_all_indices_request(options, name)))
    state = answer["snapshot"]["state"]
    if state != "SUCCESS":
        raise Unavailable("elasticsearch", f"snapshot {name} is {state}: {answer['snapshot'].get('failures')}")
    return name


def list_snapshots(options: settings.Elasticsearch) -> list[str]:
    """The names of our snapshots, oldest first. Raises Unavailable, WrongSetting."""
    with connect(options) as client:
        answer = _call_repository(
            lambda: client.snapshot.get(repository=_repository(options), snapshot=f"{options.prefix}-*")
        )
    ours = re.compile(re.escape(options.prefix) + r"-\d{4}\.\d\d\.\d\d")
    return sorted(each["snapshot"] for each in answer["snapshots"] if ours.fullmatch(each["snapshot"]))


def delete_old_snapshots(options: settings.Elasticsearch, keep: int) -> list[str]:
    """Deletes all but the newest `keep` snapshots and returns their names. Raises Unavailable, WrongSetting."""
    leaving = list_snapshots(options)[:-keep]
    with connect(options) as client:
        for name in leaving:
            _call_repository(lambda name=name: _delete(client, _repository(options), name))
    return leaving


def restore_snapshot(options: settings.Elasticsearch, name: str) -> list[str]:
    """Restores the indices of a snapshot with their aliases; none of them may exist. Returns their names.

    Raises Unavailable, WrongSetting.
    """
    with connect(options) as client:
        patient = client.options(request_timeout=SNAPSHOT_SECONDS)
        answer = _call_repository(lambda: patient.snapshot.restore(**_all_indices_request(options, name)))
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


def _delete(client: Elasticsearch, repository: str, name: str) -> Any:
    return client.snapshot.delete(repository=repository, snapshot=name)


def _repository(options: settings.Elasticsearch) -> str:
    if not options.repository:
        raise WrongSetting("elasticsearch.repository is empty: name a snapshot repository of the server")
    return options.repository


def _call_repository(action: Any) -> Any:
    """Like `call_server`, but 404 and 500 blame the request too: a repository refuses requests with these statuses."""
    try:
        return call_server(action)
    except ApiError as error:
        raise WrongSetting(f"Elasticsearch refuses: {error_reason(error)}") from error
    except Unavailable as error:
        if isinstance(error.__cause__, ApiError) and error.__cause__.status_code in (404, 500):
            raise WrongSetting(f"Elasticsearch refuses: {error_reason(error.__cause__)}") from error
        raise
