"""Synonyms: reads the rules for the analyzers of queries.

In: config/names/synonyms*.txt. Out: rules in Solr's format, which is Elasticsearch's: a line is one group of equal
words, with commas between them; in `a => b` only a finds b; # begins a comment. The rules are applied to queries and
never to documents: so an exact phrase means what it says, and a better list needs no reindexing of articles.
"""

from pathlib import Path

from pipeline import settings
from pipeline.failures import WrongSetting

FOLDER = settings.ROOT / "config" / "names"


def read(folder: Path = FOLDER) -> list[str]:
    """Reads the rules of every file, in the order of the file names. Raises WrongSetting, naming the line."""
    return [rule for file in sorted(folder.glob("synonyms*.txt")) for rule in _read_rules(file)]


def _read_rules(file: Path) -> list[str]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSetting(f"the synonyms of {file} can't be read: {error}") from error
    rules = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, start=1)]
    for number, rule in rules:
        if rule and not _is_rule(rule):
            raise WrongSetting(f"{file}, line {number}: {rule!r} needs at least two words with a comma, or `a => b`")
    return [rule for _, rule in rules if rule]


def _is_rule(rule: str) -> bool:
    sides = rule.split("=>")
    words = [word.strip() for side in sides for word in side.split(",")]
    return len(sides) <= 2 and len(words) >= 2 and all(words)
