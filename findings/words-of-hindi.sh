#!/usr/bin/env bash
# Guess: \w+ finds the words of any language that separates them by spaces, in Python's re as in the regex module.
# Seen: re cuts Hindi, Tamil, Bengali and pointed Hebrew at every vowel sign, which regex takes for a part of the word.
# Matters: counts, keys, shingles and word lists made with \w+ see single consonants instead of words.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install regex==2026.11.19
bin/python -I - <<'PYTHON'
import platform, re
from importlib.metadata import version
import regex
for words, pieces in (("हिन्दी समाचार", 6), ("தமிழ் செய்தி", 5), ("বাংলা সংবাদ", 5), ("עִבְרִית", 4)):
    cut, whole = re.findall(r"\w+", words), regex.findall(r"\w+", words)
    print(f"Python {platform.python_version()} re: {cut}, regex {version('regex')}: {whole}")
    assert len(cut) == pieces and whole == words.split(), "changed"
PYTHON
