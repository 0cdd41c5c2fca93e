#!/usr/bin/env bash
# Guess: short_title takes the site's name off a title, and leaves a headline alone that has none.
# Seen: whatever stands before a colon is taken off: who said it, where it was.
# Matters: "Minister: ..." is a quotation, without the minister a claim of the paper's own.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install readability-lxml==0.9 chardet==5.2.0 cssselect==1.3.0 lxml==6.1.3 lxml-html-clean==0.4.6
bin/python -I - <<'PYTHON'
from importlib.metadata import version
from readability import Document
for title, expected in (
    ("Harbour of the old town stays closed - The Example", "Harbour of the old town stays closed"),
    ("Minister: 'We will not yield'", "'We will not yield'"),
    ("Lower Town: harbour closed until Tuesday", "harbour closed until Tuesday"),
):
    short = Document(f"<html><head><title>{title}</title></head><body><p>It is.</p></body></html>").short_title()
    print(f"readability-lxml {version('readability-lxml')}: {title} -> {short}")
    assert short == expected, "changed"
PYTHON
