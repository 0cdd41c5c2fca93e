"""Where a `newsloom run` keeps its servers and health pages: DIR/addresses.json, written at its start.

In: a data directory and the environment. Out: the settings with which every other command finds that run. What the
environment or the settings file say wins over the file.
"""

import json
import os
from pathlib import Path

import msgspec

from pipeline import settings
from pipeline.failures import WrongSetting

FILE = "addresses.json"
DEFAULT_DATA = Path("data")


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything of one run is."""

    kafka: str  # bootstrap servers
    elasticsearch: str  # URL
    health: dict[str, str] = {}  # stage -> URL of its process, without a path
    pid: int = 0  # of `newsloom run`


def write(data: Path, addresses: Addresses) -> None:
    """Puts the file in its place in one step, so that nobody reads half of it."""
    part = data / f"{FILE}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(addresses)))
    part.replace(data / FILE)


def read(data: Path) -> Addresses | None:
    """The addresses of the run on this data directory; None when there is none. Raises WrongSetting."""
    path = data / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Addresses)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise WrongSetting(f"{path} can't be read ({error}): stop `newsloom run` and start it again") from error


def forget(data: Path) -> None:
    """The run is over."""
    (data / FILE).unlink(missing_ok=True)


def located(data: Path) -> settings.Settings:
    """The settings of this process, with the servers of the run on `data` where nothing else names any."""
    loaded = settings.load(os.environ)
    found = read(data)
    return loaded if found is None else with_servers(loaded, found.kafka, found.elasticsearch)


def with_servers(loaded: settings.Settings, kafka: str, elasticsearch: str) -> settings.Settings:
    """The settings, with these servers where they name none."""
    replace = msgspec.structs.replace
    return replace(
        loaded,
        kafka=replace(loaded.kafka, bootstrap_servers=loaded.kafka.bootstrap_servers or kafka),
        elasticsearch=replace(loaded.elasticsearch, url=loaded.elasticsearch.url or elasticsearch),
    )


def as_environment(kafka: str, elasticsearch: str) -> dict[str, str]:
    """What a child process needs in its environment to find the same servers."""
    return {"NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": kafka, "NEWSLOOM_ELASTICSEARCH__URL": elasticsearch}


def dump(value: object) -> str:
    """JSON for programs: one line."""
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
