"""The fields of the indices, as Kibana sees them: in: index templates; out: a type for each path."""

import json
import re
from collections.abc import Iterator
from typing import Any

from index import mapping

# what Lens can count the values of
VALUES = {"keyword", "boolean", "date", "long", "integer", "short", "float", "ip"}
NUMBERS = {"long", "integer", "short", "float"}
# field names of a query in Kibana's language: what stands before a comparison
FIELD = re.compile(r"([\w.]+)\s*(?::|>=|<=|>|<)")


class Fields:
    """Path -> type of one index; `nested` holds the paths that a panel can't reach."""

    def __init__(self, name: str) -> None:
        file = mapping.TEMPLATE_FOLDER / "index_templates" / f"{name}.json"
        properties = json.loads(file.read_text(encoding="utf-8"))["template"]["mappings"]["properties"]
        self.types = dict(_flat(properties, ""))
        self.nested = {path for path, kind in self.types.items() if kind == "nested"}
        self.mute = set(_mute(properties, ""))

    def why_not(self, path: str, kinds: set[str]) -> str:
        """Why a field is not one of these kinds that can be aggregated; "" when it is."""
        if path not in self.types:
            return f"FIELD-MISSING {path}"
        if any(path.startswith(f"{each}.") for each in self.nested):
            return f"FIELD-NESTED {path}"
        if path in self.mute:
            return f"FIELD-AGG {path}"
        return "" if self.types[path] in kinds else f"FIELD-TYPE {path} is {self.types[path]}"

    def unknown_in(self, kql: str) -> list[str]:
        """What a query names that is no field."""
        return [f"KQL {path}" for path in FIELD.findall(kql) if path not in self.types]


def _flat(properties: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, about in properties.items():
        yield f"{before}{name}", about.get("type", "object")
        for more in ("properties", "fields"):
            yield from _flat(about.get(more, {}), f"{before}{name}.")


def _mute(properties: dict[str, Any], before: str) -> Iterator[str]:
    for name, about in properties.items():
        if about.get("doc_values") is False:
            yield f"{before}{name}"
        yield from _mute(about.get("properties", {}), f"{before}{name}.")
