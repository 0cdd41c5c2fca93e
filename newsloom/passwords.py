"""`make env`: writes the file .env with a new random password for everything that docker-compose.yml needs one for.

In: .env.example, the names that the compose files require (${NAME:?...}), an existing .env. Out: .env, readable by its
owner only. Passwords that it has already stay as they are. Needs no installed package: run it as
`python newsloom/passwords.py [FOLDER]` on a machine that has Docker and Python only.
"""

import os
import re
import secrets
import sys
from pathlib import Path

REQUIRED_NAME = re.compile(r"\$\{(\w+):\?")
GIVEN_NAME = re.compile(r"^(\w+)=", re.MULTILINE)
HEX_BYTES = (
    24  # 48 digits: Kibana's keys must have 32 at least; nothing that a shell or a configuration file would read
)


def required_names(folder: Path) -> list[str]:
    """The names of the variables that the compose files require, sorted."""
    files = sorted(folder.glob("docker-compose*.yml"))
    return sorted({name for file in files for name in REQUIRED_NAME.findall(file.read_text(encoding="utf-8"))})


def add_passwords(text: str, names: list[str]) -> str:
    """The text of a .env file, with a password added for each of `names` that it does not set yet."""
    missing = [name for name in names if name not in GIVEN_NAME.findall(text)]
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(f"{name}={secrets.token_hex(HEX_BYTES)}\n" for name in missing)


def write_env_file(folder: Path) -> Path:
    """Makes or completes the .env of a folder; returns its path."""
    file = folder / ".env"
    before = file if file.exists() else folder / ".env.example"
    text = add_passwords(before.read_text(encoding="utf-8"), required_names(folder))
    part = folder / ".env.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as written:
        written.write(text)
    part.replace(file)
    return file


if __name__ == "__main__":
    made = write_env_file(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    sys.stdout.write(f"{made} is complete: keep a copy, it holds the passwords\n")
