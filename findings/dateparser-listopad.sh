#!/usr/bin/env bash
# Guess: a month's name that two languages use for different months is settled the same way whatever stands beside it,
#   or not at all. "Listopad" is October in Croatian, November in Polish and Czech.
# Seen: "15. listopada 2026." is in November; with "u 10:00" behind it ("at" in Croatian) in October. Nothing says that
#   there was a choice.
# Matters: reports of one Croatian page that print a time and those that don't are a month apart.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install dateparser==1.5.0 python-dateutil==2.9.0.post0 six==1.17.0 pytz==2026.6 tzlocal==5.4.5 regex==2026.11.19
bin/python -I - <<'PYTHON'
import dateparser
for written, month in (("15. listopada 2026.", 11), ("15. listopada 2026. u 10:00", 10)):
    read = dateparser.parse(written)
    print(f"dateparser {dateparser.__version__}: {written} -> {read}")
    assert (read.month, read.day) == (month, 15), "changed"
PYTHON
