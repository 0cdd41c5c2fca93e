"""Addresses of a `newsloom run`: the file DIR/addresses.json, with which other commands find its servers.

In: a data directory and the environment. Out: the settings with the addresses of the run on that directory. Addresses
that the environment or the settings file name take precedence.
"""

import os
from pathlib import Path

import click
import msgspec

from pipeline import settings
from pipeline.failures import Unavailable, WrongSetting

FILE = "addresses.json"
DEFAULT_DATA = Path("data")
# of every command that asks a run's servers
DATA_OPTION = click.option("--data", type=click.Path(path_type=Path), default=DEFAULT_DATA, help="Of `newsloom run`.")


class NotRunning(Unavailable):
    """No pipeline runs on a data directory, and no setting says where its servers are."""

    def __init__(self, data: Path) -> None:
        super().__init__("newsloom run", f"none on {data}")
        self.args = (
            f"no pipeline runs on {data}: start `newsloom run` (with --data for another directory), or say in "
            "NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS and NEWSLOOM_ELASTICSEARCH__URL where its servers are",
        )


class RunAddresses(msgspec.Struct, frozen=True, kw_only=True):
    """The servers and health pages of one run, and its process."""

    kafka: str  # bootstrap servers
    elasticsearch: str  # URL
    health: dict[str, str] = {}  # stage -> URL of its process, without a path
    pid: int = 0  # of `newsloom run`
    page: str = ""  # the address of its page
    feeds: str = ""  # its feed list, as an absolute path; "": that of the settings


def write(data: Path, addresses: RunAddresses) -> None:
    """Writes the file in one step, so that nobody reads half of it."""
    part = data / f"{FILE}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(addresses)))
    part.replace(data / FILE)


def read(data: Path) -> RunAddresses | None:
    """The addresses of the run on this data directory; None when there is none. Raises WrongSetting."""
    path = data / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunAddresses)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise WrongSetting(f"{path} can't be read ({error}): stop `newsloom run` and start it again") from error


def feeds_of_run(data: Path) -> Path | None:
    """The feed list of the run on this data directory; None when there is no run, or its list is that of the settings.

    Raises WrongSetting.
    """
    found = read(data)
    return Path(found.feeds) if found and found.feeds else None


def remove(data: Path) -> None:
    """Deletes the file, at the end of the run."""
    (data / FILE).unlink(missing_ok=True)


def settings_for_run(data: Path) -> settings.Settings:
    """The settings of this process, with the servers of the run on `data` where nothing else names any.

    Raises NotRunning when nothing does.
    """
    found = settings_with_addresses(data)
    if not (found.kafka.bootstrap_servers or found.elasticsearch.url):
        raise NotRunning(data)
    return found


def settings_with_addresses(data: Path) -> settings.Settings:
    """As `settings_for_run`, with empty addresses when no pipeline runs on `data`."""
    loaded = settings.load(os.environ)
    found = read(data)
    return with_servers(loaded, found.kafka, found.elasticsearch) if found and _is_alive(found.pid) else loaded


def is_running(data: Path) -> bool:
    """Whether a `newsloom run` is alive on this data directory. Raises WrongSetting."""
    found = read(data)
    return found is not None and _is_alive(found.pid)


def _is_alive(pid: int) -> bool:
    """Whether there is a process of this number: a run that was killed leaves its file behind."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def with_servers(loaded: settings.Settings, kafka: str, elasticsearch: str) -> settings.Settings:
    """The settings, with these addresses where they have none."""
    replace = msgspec.structs.replace
    return replace(
        loaded,
        kafka=replace(loaded.kafka, bootstrap_servers=loaded.kafka.bootstrap_servers or kafka),
        elasticsearch=replace(loaded.elasticsearch, url=loaded.elasticsearch.url or elasticsearch),
    )


def as_environment(kafka: str, elasticsearch: str) -> dict[str, str]:
    """The environment variables with which a child process finds the same servers."""
    return {"NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS": kafka, "NEWSLOOM_ELASTICSEARCH__URL": elasticsearch}
