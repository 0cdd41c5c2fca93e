#!/usr/bin/env bash
# Guess: a fuzzy search for a country's exact English name gives that country first.
# Seen: for "Niger" pycountry gives Nigeria first, and then Niger; for "Guinea", "Dominica" and "Oman" the right one.
# Matters: who takes the first hit files everything about Niger under its neighbour.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install pycountry==26.2.16
bin/python -I - <<'PYTHON'
from importlib.metadata import version
import pycountry
for name, first in (("Niger", "NG"), ("Guinea", "GN"), ("Dominica", "DM"), ("Oman", "OM")):
    found = [country.alpha_2 for country in pycountry.countries.search_fuzzy(name)]
    print(f"pycountry {version('pycountry')}: {name} -> {found[:3]}")
    assert found[0] == first, "changed"
assert pycountry.countries.lookup("Niger").alpha_2 == "NE"
PYTHON
