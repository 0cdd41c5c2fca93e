#!/usr/bin/env bash
# Guess: a day behind the latest one allowed is refused, and the page has no date.
# Seen: htmldate keeps the year and makes it the first of January, without a word that month and day were dropped.
# Matters: what is dated tomorrow (another time zone, a weekly's issue, an embargo) becomes up to a year old.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install htmldate==1.11.0 charset-normalizer==3.5.3 lxml==6.1.3 urllib3==2.8.0 dateparser==1.5.0 \
    python-dateutil==2.9.0.post0 six==1.17.0 pytz==2026.6 tzlocal==5.4.5 regex==2026.11.19
bin/python -I - <<'PYTHON'
from importlib.metadata import version
from htmldate import find_date
page = "<html><body><h1>Harbour</h1><p>Published 15 December 2026</p><p>It is closed.</p></body></html>"
for latest, expected in (("2026-12-31", "2026-12-15"), ("2026-12-14", "2026-01-01")):
    found = find_date(page, max_date=latest)
    print(f"htmldate {version('htmldate')}: 15 December 2026, not later than {latest} -> {found}")
    assert found == expected, "changed"
PYTHON
