"""Writes config/names/given.txt and surnames.txt anew: `python -m training.build_person_names FOLDER`, an unpacked
Faker wheel.

In: the names of the locales of Faker 37.12.0 (https://github.com/joke2k/faker, MIT). Out: the words of given names
and of family names in Latin letters, in lower case.

    pip download --no-deps faker==37.12.0 && unzip -d FOLDER faker-*.whl
"""

import importlib
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from pipeline.settings import ROOT

NAMES_FOLDER = ROOT / "config" / "names"
PROVIDER_LISTS = {
    "given.txt": ("first_names", "first_names_male", "first_names_female", "first_romanized_names"),
    "surnames.txt": ("last_names", "last_romanized_names"),
}
HEADER = """\
# Words of {what} in Latin letters, in lower case. From Faker 37.12.0 (https://github.com/joke2k/faker), Copyright
# (c) 2012
# Daniele Faraglia, MIT licence; taken over by training/build_person_names.py, which writes this file anew.
"""
LINE_WIDTH = 118


def collect_words(providers: Iterable[type], attributes: Iterable[str]) -> set[str]:
    """The usable words of these lists of the providers, in lower case."""
    lists = (getattr(provider, name, ()) for provider in providers for name in attributes)
    names = {name for each in lists if not isinstance(each, property) for name in each}
    return {word.lower() for name in names for word in name.split() if _is_usable(word)}


def _is_usable(word: str) -> bool:
    latin = all("LATIN" in unicodedata.name(c, "") for c in word if c.isalpha())
    return len(word) > 1 and latin and word[0].isupper()


def fill_lines(found: Iterable[str]) -> Iterable[str]:
    """Lines of the sorted words, each up to LINE_WIDTH characters."""
    line = ""
    for word in sorted(found):
        if len(line) + len(word) >= LINE_WIDTH:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    yield line


def main() -> None:
    """Reads the lists of the package and writes ours."""
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder))
    locales = sorted(path.parent.name for path in folder.glob("faker/providers/person/*_*/__init__.py"))
    providers = [importlib.import_module(f"faker.providers.person.{each}").Provider for each in locales]
    for name, attributes in PROVIDER_LISTS.items():
        found = collect_words(providers, attributes)
        what = "given names" if name == "given.txt" else "family names"
        text = HEADER.format(what=what) + "\n".join(fill_lines(found)) + "\n"
        (NAMES_FOLDER / name).write_text(text, encoding="utf-8")
        print(f"{len(found)} words, {len(text.encode()) / 1024:.0f} KiB, in config/names/{name}")


if __name__ == "__main__":
    main()
