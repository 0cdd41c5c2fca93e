"""Stop words of each language, from spaCy's lists.

In: a language. Out: its stop words. The lists are read as files: to import them is to import all that spaCy has for the
language, a megabyte and 50 ms of each, and spaCy itself, which the stage `stories` has no other use for.
"""

import runpy
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path


@lru_cache(maxsize=256)
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language (ISO 639-1), in lower case; empty for a language that spaCy does not know."""
    file = _languages_folder() / language / "stop_words.py"
    if not (language.isascii() and language.isalpha() and file.is_file()):
        return frozenset()
    return frozenset(runpy.run_path(str(file))["STOP_WORDS"])


@cache
def _languages_folder() -> Path:
    spec = find_spec("spacy")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("spaCy is not installed: run `make setup`")
    return Path(spec.origin).parent / "lang"
