"""Setting names: which sections and names a settings file may have, and the nearest one to a name that is none.

In: the file's tables and the sections of `Settings`. Out: nothing, or a WrongSetting that names what was meant.
"""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipeline.failures import WrongSetting

MOST_TOLD = 200  # characters of a wrong name or value that a message repeats


def refuse_unknown_names(tree: Mapping[str, Any], sections: Mapping[str, Any], path: Path) -> None:
    """Raises WrongSetting for the first section or name of a file that no setting has. `sections`: structs by name."""
    known = {section: {knob.name: None for knob in msgspec.structs.fields(kind)} for section, kind in sections.items()}
    for section, knobs in tree.items():
        if section not in known:
            near = _nearest(section, known)
            hint = _hint(near and f"[{near}]")
            raise WrongSetting(f"[{section[:MOST_TOLD]}] in {path} is no section of the settings{hint}")
        for name in knobs if isinstance(knobs, dict) else ():
            if name not in known[section]:
                wanted = f"{section}.{name}"
                raise WrongSetting(f"{wanted[:MOST_TOLD]} in {path} names no setting{suggest_setting(known, wanted)}")


def suggest_setting(tree: Mapping[str, Any], wanted: str) -> str:
    """The end of a message about a setting that is not there: the nearest one of `tree`, or where they are listed."""
    names = [f"{section}.{name}" for section, knobs in tree.items() if isinstance(knobs, dict) for name in knobs]
    return _hint(_nearest(wanted, names))


def _nearest(wanted: str, names: Iterable[str]) -> str:
    return next(iter(difflib.get_close_matches(wanted, list(names), n=1)), "")


def _hint(near: str) -> str:
    return f"; did you mean {near}?" if near else "; the settings are listed in config/settings.toml"
