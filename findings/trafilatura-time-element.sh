#!/usr/bin/env bash
# Guess: words of a sentence stay in the text whichever inline element marks them up.
# Seen: what stands in <time> is dropped out of the middle of a sentence; in <abbr>, <data> and <dfn> it stays.
# Matters: a text says that the council meets, and no longer when.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install trafilatura==2.3.1 certifi==2026.10.18 charset-normalizer==3.5.3 courlan==1.4.0 babel==2.18.0 tld==0.13.2 \
    htmldate==1.11.0 dateparser==1.5.0 python-dateutil==2.9.0.post0 six==1.17.0 pytz==2026.6 tzlocal==5.4.5 \
    regex==2026.11.19 justext==3.0.2 lxml==6.1.3 lxml-html-clean==0.4.6 urllib3==2.8.0
bin/python -I - <<'PYTHON'
from importlib.metadata import version
import trafilatura
paragraph = "The harbour of the small town was closed because a storm had broken two of its piers in the night. " * 4
for element, expected in (("abbr", True), ("data", True), ("dfn", True), ("time", False)):
    sentence = f"The council meets on <{element}>Tuesday at noon</{element}> in the town hall."
    page = f"<html><body><article><h1>Harbour</h1><p>{paragraph}</p><p>{sentence}</p></article></body></html>"
    line = next(line for line in trafilatura.extract(page).splitlines() if "council" in line)
    print(f"trafilatura {version('trafilatura')}: <{element}>: {line}")
    assert ("Tuesday" in line) == expected, "changed"
PYTHON
