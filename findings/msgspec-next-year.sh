#!/usr/bin/env bash
# Guess: fractions of a second finer than a microsecond are cut off, as Python's datetime.fromisoformat does.
# Seen: msgspec rounds: the last ten-millionth of a second of 2026 is in 2027.
# Matters: .NET prints seven digits: what it dates just before midnight is in the next day, month and index, and two
#   readers of one field disagree.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install msgspec==0.23.0
bin/python -I - <<'PYTHON'
from datetime import datetime
import msgspec
written = "2026-12-31T23:59:59.9999999Z"
rounded, cut = msgspec.json.decode(f'"{written}"', type=datetime), datetime.fromisoformat(written)
print(f"{written}: msgspec {msgspec.__version__}: {rounded}, datetime.fromisoformat: {cut}")
assert (rounded.year, cut.year) == (2027, 2026), "changed"
PYTHON
