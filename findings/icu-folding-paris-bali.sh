#!/usr/bin/env bash
# Guess: folding takes accents off letters, where readers take them for variants of one letter.
# Seen: Lucene's ICU folding takes the marks off kana too, which make other consonants: Paris, Bali and "needle" are one
#   word, and so are bus and pass.
# Matters: with Elasticsearch's icu_folding a Japanese search for Paris finds Bali.
. "${BASH_SOURCE[0]%/*}/venv.bash"
install_java_and_maven
bin/python - <<'PYTHON'
import jpype
from fetch_jars import start_java
start_java(
    "org.apache.lucene:lucene-core:10.3.1", "org.apache.lucene:lucene-analysis-common:10.3.1",
    "org.apache.lucene:lucene-analysis-icu:10.3.1", "com.ibm.icu:icu4j:77.1",
)
Term = jpype.JClass("org.apache.lucene.analysis.tokenattributes.CharTermAttribute")
none = jpype.JClass("java.util.HashMap")
analyzer = jpype.JClass("org.apache.lucene.analysis.custom.CustomAnalyzer").builder()
analyzer = analyzer.withTokenizer("whitespace", none()).addTokenFilter("icuFolding", none()).build()
def fold(words):
    stream = analyzer.tokenStream("text", words)
    term = stream.addAttribute(Term.class_)
    stream.reset()
    folded = []
    while stream.incrementToken():
        folded.append(str(term.toString()))
    stream.close()
    return folded
for words, count in (("パリ バリ ハリ", 1), ("バス パス", 1), ("Malmö Malmo", 1), ("दिल्ली दल", 2)):
    folded = fold(words)
    print(f"Lucene 10.3.1, ICU 77.1: {words} -> {' '.join(folded)}")
    assert len(set(folded)) == count, "changed"
PYTHON
