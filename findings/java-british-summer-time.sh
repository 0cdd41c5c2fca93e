#!/usr/bin/env bash
# Guess: Java's "z", which Elasticsearch's date formats hand on, reads an abbreviation as the offset it stands for, or
#   refuses it.
# Seen: it becomes a place, and the place's clock of that day counts. BST and IST become Abidjan (UTC); 10:00 EST in
#   September becomes 10:00 in New York's summer, 10:00 AEDT in July Sydney's winter: an hour off, without an error.
# Matters: RFC 822 dates of feeds, mapped with "EEE, dd MMM yyyy HH:mm:ss z", lie in the wrong hour.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install_java
bin/python - <<'PYTHON'
import jpype
from fetch_jars import start_java
start_java()
english = jpype.JClass("java.util.Locale").ENGLISH
form = jpype.JClass("java.time.format.DateTimeFormatter").ofPattern("EEE, dd MMM yyyy HH:mm:ss z", english)
java_version = jpype.JClass("java.lang.System").getProperty("java.version")
for written, expected in (
    ("Tue, 01 Sep 2026 10:00:00 BST", "2026-09-01T10:00Z"),
    ("Tue, 01 Sep 2026 10:00:00 IST", "2026-09-01T10:00Z"),
    ("Tue, 01 Sep 2026 10:00:00 EST", "2026-09-01T10:00-04:00"),
    ("Wed, 01 Jul 2026 10:00:00 AEDT", "2026-07-01T10:00+10:00"),
    ("Tue, 01 Sep 2026 10:00:00 GMT", "2026-09-01T10:00Z"),
):
    read = jpype.JClass("java.time.ZonedDateTime").parse(written, form)
    print(f"Java {java_version}: {written} -> {read}")
    assert str(read.toOffsetDateTime()) == expected, "changed"
PYTHON
