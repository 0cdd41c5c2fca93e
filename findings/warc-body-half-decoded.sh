#!/usr/bin/env bash
# Guess: two WARC readers that undo Content-Encoding give the same body, or say that they can't.
# Seen: of a gzip body of two members (RFC 1952 allows it) warcio gives the first, FastWARC both; of a zstd body warcio
#   gives the compressed bytes, FastWARC (asked to, by default it decodes nothing) the text. Neither warns.
# Matters: an article read again from the archive is cut, or noise, and its record still looks complete.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install warcio==1.8.1 six==1.17.0 fastwarc==2.0.1 brotli==1.2.1 click==8.5.1 tqdm==4.70.1 typing-extensions==4.16.0 \
    zstandard==0.25.0
bin/python -I - <<'PYTHON'
import gzip, io
from importlib.metadata import version
import zstandard
from fastwarc.warc import ArchiveIterator as FastWarc
from warcio.archiveiterator import ArchiveIterator as Warcio
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
def read(encoding, body):
    headers = StatusAndHeaders("200 OK", [("Content-Encoding", encoding)], protocol="HTTP/1.1")
    file = io.BytesIO()
    writer = WARCWriter(file, gzip=True)
    response = writer.create_warc_record("https://example.org/", "response", io.BytesIO(body), http_headers=headers)
    writer.write_record(response)
    one = [record.content_stream().read() for record in Warcio(io.BytesIO(file.getvalue()))]
    other = [record.reader.read() for record in FastWarc(io.BytesIO(file.getvalue()), auto_decode="all")]
    print(f"{encoding}: warcio {version('warcio')}: {one[0][:12]}, FastWARC {version('fastwarc')}: {other[0]}")
    return one + other
members = gzip.compress(b"first ") + gzip.compress(b"second")
assert read("gzip", members) == [b"first ", b"first second"], "changed"
frame = zstandard.compress(b"first second")
assert read("zstd", frame) == [frame, b"first second"], "changed"
PYTHON
