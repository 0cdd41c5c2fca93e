#!/usr/bin/env bash
# Guess: the newest tzdata for Python and a Java 25 agree on the zones of big cities this winter.
# Seen: an hour apart in December 2026 for Vancouver, Edmonton, Winnipeg, Havana and Casablanca, whose changes of
#   2026 Java 25.0.2 does not have. Winnipeg's winter is "EST", Edmonton's "CST": abbreviations of their neighbours.
# Matters: days that Elasticsearch counts (date_histogram with time_zone) begin an hour beside those that Python counts.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install_java tzdata==2026.6
PYTHONTZPATH='' bin/python - <<'PYTHON'
from datetime import datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo
import jpype
from fetch_jars import start_java
start_java()
Instant, ZoneId = jpype.JClass("java.time.Instant"), jpype.JClass("java.time.ZoneId")
java_version = jpype.JClass("java.lang.System").getProperty("java.version")
for zone, apart in (
    ("America/Vancouver", -1), ("America/Edmonton", -1), ("America/Winnipeg", -1), ("America/Havana", -1),
    ("Africa/Casablanca", 1), ("Europe/Berlin", 0),
):
    noon = datetime(2026, 12, 15, 12, tzinfo=ZoneInfo(zone))
    java = ZoneId.of(zone).getRules().getOffset(Instant.ofEpochSecond(int(noon.timestamp()))).getTotalSeconds()
    python = noon.utcoffset() / timedelta(seconds=1)
    print(f"{zone}: tzdata {version('tzdata')} {noon:%z %Z}, Java {java_version} {java / 3600:+}")
    assert java - python == apart * 3600, "changed"
PYTHON
