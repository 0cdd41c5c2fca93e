"""Setting sources: the settings file and the environment, as one tree of values that nobody has checked yet.

In: a path, variables. Out: section -> name -> value; what can't be a setting is a WrongSetting that names it.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.failures import WrongSetting
from pipeline.setting_rules.setting_names import MOST_TOLD, suggest_setting
from pipeline.setting_rules.setting_section import SECRETS

PREFIX = "NEWSLOOM_"


def read_toml(path: Path) -> dict[str, Any]:
    """The file as nested dictionaries. Raises WrongSetting."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSetting(f"the settings file {path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"the settings file {path} is not valid TOML: {error}") from error


def refuse_secrets(tree: Mapping[str, Any], path: Path) -> None:
    """Raises WrongSetting when a secret stands in the file."""
    for section, name in SECRETS:
        if name in tree.get(section, {}):
            variable = f"{PREFIX}{section.upper()}__{name.upper()}"
            raise WrongSetting(f"{section}.{name} stands in {path}; secrets come from the environment: {variable}")


def override(tree: dict[str, Any], variable: str, value: str) -> None:
    """Puts one environment variable in its place, as the type that the knob has in the file. Raises WrongSetting."""
    section, _, name = variable.removeprefix(PREFIX).lower().partition("__")
    known = tree.get(section)
    if not isinstance(known, dict) or (name not in known and (section, name) not in SECRETS):
        raise WrongSetting(f"{variable[:MOST_TOLD]} names no setting{suggest_setting(tree, f'{section}.{name}')}")
    known[name] = _typed(variable, value, known.get(name, ""))


def _typed(variable: str, value: str, example: object) -> object:
    try:
        if isinstance(example, bool):
            return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        if isinstance(example, int | float):
            return type(example)(value)
    except (KeyError, ValueError):
        kind = {bool: "true or false", int: "a whole number", float: "a number"}[type(example)]
        raise WrongSetting(f"{variable}={value[:MOST_TOLD]!r} must be {kind}") from None
    return value
