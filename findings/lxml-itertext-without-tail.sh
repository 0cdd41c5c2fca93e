#!/usr/bin/env bash
# Guess: itertext(with_tail=False) leaves out only what follows the element itself, which is not in it.
# Seen: it leaves out what follows every element inside too: after the first <b> or <a> the paragraph ends.
# Matters: paragraphs with links lose all words behind the link, and look like whole ones.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install lxml==6.1.3
bin/python -I - <<'PYTHON'
from lxml import etree
paragraph = etree.fromstring("<div><p>The <b>old</b> harbour is closed.</p> Advertisement</div>")[0]
without, usual = ["".join(paragraph.itertext(with_tail=tail)) for tail in (False, True)]
print(f"lxml {etree.__version__}: with_tail=False: {without!r}, with_tail=True: {usual!r}")
assert (without, usual) == ("The old", "The old harbour is closed."), "changed"
PYTHON
