#!/usr/bin/env bash
# Guess: a reader of names that takes the number off "King Charles III" takes it off "Pope Leo XIV".
# Seen: numbers with an X are family names, the others are suffixes: of two popes one has the family name XIV.
# Matters: popes, patriarchs and kings of XVI and more are merged by "family name" XVI, and sorted under X.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install nameparser==2.6.0
bin/python -I - <<'PYTHON'
from importlib.metadata import version
from nameparser import HumanName
for written, family_name, suffix in (
    ("King Charles III", "", "III"), ("Henry VIII", "", "VIII"),
    ("Pope Leo XIV", "XIV", ""), ("Benedict XVI", "XVI", ""), ("Louis XVI", "XVI", ""),
):
    name = HumanName(written)
    print(f"nameparser {version('nameparser')}: {written}: last={name.last!r} suffix={name.suffix!r}")
    assert (name.last, name.suffix) == (family_name, suffix), "changed"
PYTHON
