"""`make env`: the file .env with a new password for everything that docker-compose.yml wants one for.

In: .env.example, the names that the compose files demand (${NAME:?...}), the .env that may be there. Out: .env, which
only its owner can read. What stands in it already stays: a password that is in use must not change. Runs without any
package, as `python newsloom/passwords.py [FOLDER]`: who has Docker need not have installed the project.
"""

import os
import re
import secrets
import sys
from pathlib import Path

DEMANDED = re.compile(r"\$\{(\w+):\?")
GIVEN = re.compile(r"^(\w+)=", re.MULTILINE)
HEX_BYTES = (
    24  # 48 digits: Kibana's keys must have 32 at least; nothing that a shell or a configuration file would read
)


def demanded(folder: Path) -> list[str]:
    """The names that the compose files can't do without."""
    files = sorted(folder.glob("docker-compose*.yml"))
    return sorted({name for file in files for name in DEMANDED.findall(file.read_text(encoding="utf-8"))})


def completed(text: str, names: list[str]) -> str:
    """The text of a .env file with a password for each of `names` that it does not give yet."""
    missing = [name for name in names if name not in GIVEN.findall(text)]
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(f"{name}={secrets.token_hex(HEX_BYTES)}\n" for name in missing)


def write(folder: Path) -> Path:
    """Makes or completes the .env of a folder."""
    file = folder / ".env"
    before = file if file.exists() else folder / ".env.example"
    text = completed(before.read_text(encoding="utf-8"), demanded(folder))
    part = folder / ".env.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as written:
        written.write(text)
    part.replace(file)
    return file


if __name__ == "__main__":
    made = write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    sys.stdout.write(f"{made} is complete: keep a copy, it holds the passwords\n")
