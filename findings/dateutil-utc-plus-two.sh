#!/usr/bin/env bash
# Guess: "UTC+02:00" is two hours ahead of UTC in every part of dateutil.
# Seen: its parser takes the sign the other way round, in dates with a numeric zone behind a name; its own tzstr reads
#   the same words as one would. "+02:00" without the name is right in both.
# Matters: a feed that writes "UTC+2" is read four hours late, which no check for dates in the future finds.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install python-dateutil==4.0.0 six==1.17.0
bin/python -I - <<'PYTHON'
from datetime import datetime, timedelta
from importlib.metadata import version
from dateutil import parser, tz
hours = lambda time: time.utcoffset() / timedelta(hours=1)
for zone, parsed in (("UTC+2", -2), ("UTC+02:00", -2), ("GMT+2", -2), ("+02:00", 2)):
    read = hours(parser.parse(f"1 September 2026 10:00 {zone}"))
    print(f"dateutil {version('python-dateutil')}: 10:00 {zone} is read with an offset of {read:+} hours")
    assert read == parsed, "changed"
read = hours(datetime(2026, 9, 1, 10, tzinfo=tz.tzstr("UTC+2")))
print(f"its tzstr('UTC+2'): {read:+} hours")
assert read == 2, "changed"
PYTHON
