#!/usr/bin/env bash
# Guess: JSON-LD is found by its media type as RFC 2045 compares such types: any case, parameters allowed (JSON-LD 1.1
#   itself defines one, "profile").
# Seen: only the bare lower-case type is found; the others are no JSON-LD at all, without an error.
# Matters: an article whose page states the charset there has no headline, author and date.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install extruct==0.18.0 html-text==0.7.1 jstyleson==0.0.2 lxml==6.1.3 lxml-html-clean==0.4.6 mf2py==2.0.2 \
    pyrdfa3==3.6.5 rdflib==7.6.0 w3lib==2.5.0 html5lib==1.1 six==1.17.0 webencodings==0.6.1 pyparsing==3.3.3 \
    requests==2.34.2 beautifulsoup4==4.15.0 soupsieve==4.1.3 typing-extensions==4.16.0 urllib3==2.8.0 idna==3.20 \
    charset-normalizer==3.5.3 certifi==2026.10.18
bin/python -I - <<'PYTHON'
from importlib.metadata import version
import extruct
story = '{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Harbour closed"}'
for media_type, count in (
    ("application/ld+json", 1),
    ("application/ld+json; charset=utf-8", 0),
    ("application/LD+JSON", 0),
    ("application/ld+json;profile=http://www.w3.org/ns/json-ld#compacted", 0),
):
    page = f"<html><head><script type='{media_type}'>{story}</script></head><body><p>It is.</p></body></html>"
    found = extruct.extract(page, syntaxes=["json-ld"])["json-ld"]
    print(f"extruct {version('extruct')}: {len(found)} objects in a script of type {media_type}")
    assert len(found) == count, "changed"
PYTHON
