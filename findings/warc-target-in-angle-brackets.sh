#!/usr/bin/env bash
# Guess: WARC readers give the address of a record without the angle brackets that WARC 1.0's grammar puts around it and
#   that wget writes.
# Seen: warcio takes them off, FastWARC gives them as part of the address.
# Matters: who joins two archives by address has each page twice, or none in common.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install warcio==1.8.1 six==1.17.0 fastwarc==2.0.1 brotli==1.2.1 click==8.5.1 tqdm==4.70.1 typing-extensions==4.16.0
bin/python -I - <<'PYTHON'
import io
from importlib.metadata import version
from fastwarc.warc import ArchiveIterator as FastWarc
from warcio.archiveiterator import ArchiveIterator as Warcio
record = (
    "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:uuid:7f0c1a3e-0000-4000-8000-000000000001>\r\n"
    "WARC-Date: 2026-11-30T10:00:00Z\r\nWARC-Target-URI: <https://example.org/harbour>\r\n"
    "Content-Type: text/plain\r\nContent-Length: 14\r\n\r\nHarbour closed\r\n\r\n"
).encode()
one = [found.rec_headers.get_header("WARC-Target-URI") for found in Warcio(io.BytesIO(record))]
other = [found.headers["WARC-Target-URI"] for found in FastWarc(io.BytesIO(record))]
print(f"warcio {version('warcio')}: {one}, FastWARC {version('fastwarc')}: {other}")
assert (one, other) == (["https://example.org/harbour"], ["<https://example.org/harbour>"]), "changed"
PYTHON
