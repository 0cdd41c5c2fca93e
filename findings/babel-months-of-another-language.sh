#!/usr/bin/env bash
# Guess: what babel says of one language does not depend on which language was asked for before.
# Seen: after Japanese's stand-alone months, Norwegian's, Arabic's and Spanish's are Japanese too ("1月"), until the end
#   of the process. Each alone is right.
# Matters: tables of month names for reading dates lose whole languages; headings of archives are in the wrong one.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install babel==2.18.0
months() {
    bin/python - "$@" <<'PYTHON'
import sys
from babel import Locale
for code in sys.argv[1:]:
    january = Locale.parse(code).months["stand-alone"]["wide"][1]
print(code, january)
PYTHON
}
for code in nb ar es; do
    alone=$(months "$code") after=$(months ja "$code")
    echo "babel 2.18.0: alone: $alone; after ja: $after"
    [ "$alone" != "$after" ] && [ "$after" = "$code 1月" ]
done
