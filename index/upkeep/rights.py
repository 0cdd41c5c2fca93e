"""Rights: creates the roles and users of an Elasticsearch with security.

In: passwords by user. Out: roles and users with only the rights that they need:

    index     what `newsloom index` does: writes, creates, deletes and searches our indices, and no others
    watch     what `newsloom watch` does: searches our indices, makes what was written searchable (refresh), and asks
              how full the disks are (monitor)
    web       what `newsloom web` does: searches our indices
    reader    people: searches our indices and reads what Kibana shows
    kibana    Kibana's own built-in user, which only needs a password

The other services never connect to Elasticsearch and have no user there.
"""

from collections.abc import Mapping
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from index.client import call_server, connect, error_reason
from pipeline import settings
from pipeline.failures import WrongSetting

KIBANA_USER = "kibana_system"


def build_roles(prefix: str) -> dict[str, dict[str, Any]]:
    """Builds our roles, by name, as Elasticsearch defines roles. Pure."""
    ours = [prefix, f"{prefix}-*"]
    look = {"names": ours, "privileges": ["read", "view_index_metadata"]}
    kibana = {"application": "kibana-.kibana", "privileges": ["read"], "resources": ["*"]}
    return {
        # manage: to create an index, put it behind the alias, and delete it when it is old
        f"{prefix}_index": {
            "cluster": ["monitor", "create_snapshot"],
            "indices": [{"names": ours, "privileges": ["read", "write", "manage"]}],
        },
        f"{prefix}_watch": {
            "cluster": ["monitor"],
            "indices": [{"names": ours, "privileges": ["read", "view_index_metadata", "maintenance"]}],
        },
        f"{prefix}_web": {"cluster": [], "indices": [look]},
        f"{prefix}_reader": {"cluster": [], "indices": [look], "applications": [kibana]},
    }


def create_users(options: settings.Elasticsearch, passwords: Mapping[str, str]) -> list[str]:
    """Creates the users for whom there is a password, with their roles. Returns their names. Safe to repeat.

    Raises Unavailable; WrongSetting when the server has no security, or we are not allowed to create users.
    """
    wanted = {user: passwords[user] for user in ("index", "watch", "web", "reader") if passwords.get(user)}
    with connect(options) as client:
        try:
            if wanted:
                _put_roles_and_users(client, options.prefix, wanted)
            if secret := passwords.get("kibana"):
                call_server(lambda: client.security.change_password(username=KIBANA_USER, password=secret))
        except ApiError as error:
            raise WrongSetting(f"Elasticsearch makes no users: {error_reason(error)}") from error
    return [*(f"{options.prefix}_{user}" for user in wanted), *([KIBANA_USER] if passwords.get("kibana") else [])]


def _put_roles_and_users(client: Elasticsearch, prefix: str, passwords: Mapping[str, str]) -> None:
    for name, role in build_roles(prefix).items():
        call_server(lambda name=name, role=role: client.security.put_role(name=name, **role))  # type: ignore[misc]
    for user, secret in passwords.items():
        name = f"{prefix}_{user}"
        call_server(lambda name=name, secret=secret: _put_user(client, name, secret))  # type: ignore[misc]


def _put_user(client: Elasticsearch, name: str, secret: str) -> Any:
    return client.security.put_user(username=name, password=secret, roles=[name])
