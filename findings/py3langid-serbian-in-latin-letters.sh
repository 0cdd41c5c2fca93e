#!/usr/bin/env bash
# Guess: a model that has Serbian, Bosnian and Croatian tells Serbian by its words, in both of its alphabets.
# Seen: in Cyrillic these headlines are Serbian, in Latin letters the same headlines are Bosnian, though "svet", "posle"
#   and "sledeću" are Serbian only.
# Matters: many of Serbia's news sites write Latin letters; their articles miss the filter for their language.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install py3langid==0.4.0 numpy==2.4.6
bin/python -I - <<'PYTHON'
from importlib.metadata import version
import py3langid
for headline, expected in (
    ("Влада је усвојила предлог буџета за следећу годину", "sr"),
    ("Vlada je usvojila predlog budžeta za sledeću godinu", "bs"),
    ("Свет после избора: шта чека европске земље", "sr"),
    ("Svet posle izbora: šta čeka evropske zemlje", "bs"),
):
    found = py3langid.classify(headline)[0]
    print(f"py3langid {version('py3langid')}: {found} {headline}")
    assert found == expected, "changed"
PYTHON
