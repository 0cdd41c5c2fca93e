"""Setting section: the base of the sections of the settings, and which of their fields are secrets.

Secrets come from the environment or the secrets file only, and are never shown.
"""

import msgspec

SECRETS = frozenset(
    {
        *(
            ("kafka", "password"),
            ("elasticsearch", "password"),
            ("elasticsearch", "api_key"),
            ("kibana", "password"),
            ("web", "password"),
        ),
        *(("access", user) for user in ("ingest", "annotate", "stories", "index", "watch", "web", "reader", "kibana")),
        *(("watches", secret) for secret in ("webhook_secret", "smtp_password")),
    }
)


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the sections. Shown without their secrets, wherever one may be shown."""

    def __repr__(self) -> str:
        section = type(self).__name__.lower()
        shown = (
            f"{name}={'...' if (section, name) in SECRETS and value else repr(value)}"
            for name, value in ((name, getattr(self, name)) for name in self.__struct_fields__)
        )
        return f"{type(self).__name__}({', '.join(shown)})"
