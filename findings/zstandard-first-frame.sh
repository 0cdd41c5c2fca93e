#!/usr/bin/env bash
# Guess: zstandard.decompress gives all of several frames, as gzip.decompress does of several members, or fails.
# Seen: it gives the first frame and says nothing. stream_reader's default reads them all in this version.
# Matters: RFC 8878 allows such bodies, and what is written by appending is one: the rest of a feed is missing.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install zstandard==0.25.0
bin/python -I - <<'PYTHON'
import gzip, io, zstandard
frames = zstandard.compress(b"first ") + zstandard.compress(b"second")
whole = zstandard.decompress(frames)
stream = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(frames)).read()
print(f"zstandard {zstandard.__version__}: decompress -> {whole}, stream_reader -> {stream}")
assert gzip.decompress(gzip.compress(b"first ") + gzip.compress(b"second")) == b"first second"
assert (whole, stream) == (b"first ", b"first second"), "changed"
PYTHON
