"""The file of secrets that NEWSLOOM_SECRETS_FILE names.

In: its path. Out: its NAME=value lines. A file that anybody but its owner can read or write is refused.
"""

import os
import stat
from pathlib import Path

from pipeline.failures import WrongSetting

VARIABLE = "NEWSLOOM_SECRETS_FILE"
# what it must not allow group and others
FOR_OTHERS = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH
MOST_CHARACTERS = 100_000  # more passwords than anybody has


def read_secrets(name: str) -> dict[str, str]:
    """The values by name; lines that begin with "#" are comments. Raises WrongSetting, which tells no secret."""
    try:
        with Path(name).open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & FOR_OTHERS:
                raise WrongSetting(
                    f"{VARIABLE}={name} can be read or written by others than its owner (mode"
                    f" {stat.S_IMODE(mode):o}): chmod 600 {name}"
                )
            lines = file.read(MOST_CHARACTERS).splitlines()
    except OSError as error:
        raise WrongSetting(f"{VARIABLE}={name} can't be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise WrongSetting(f"{VARIABLE}={name} is no text in UTF-8") from None
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}
