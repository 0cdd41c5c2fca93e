from collections.abc import Sequence

import msgspec
import pytest

from enrich.annotate import annotate, stage
from pipeline.kafka.stage import Result, StageOutput
from pipeline.messages import ANNOTATED, Annotated, decode, encode
from pipeline.settings import Settings
from tests.enrich.samples import article

pytestmark = pytest.mark.slow

ENGLISH = article(
    "1", "Blinken calls Fidan", "Antony Blinken called Hakan Fidan on Wednesday, the ministry in Ankara said."
)
FRENCH = article(
    "2", "La taxe baisse", "Le gouvernement a décidé mercredi de baisser la taxe sur l'électricité à Paris."
)
EMPTY = article("3", "", "")


def test_each_article_comes_back_with_what_its_text_tells() -> None:
    english, french, empty = annotate([ENGLISH, FRENCH, EMPTY])
    assert (english.id, english.language, english.title) == ("1", "en", ENGLISH.title)
    assert "hakan fidan" in {entity.key for entity in english.entities}
    assert french.language == "fr"
    assert (empty.language, empty.entities) == ("unknown", ())
    assert len({each.content_hash for each in (english, french, empty)}) == 3


def test_the_stage_publishes_one_readable_message_for_each(offline_options: Settings) -> None:
    results = stage(offline_options.enrich).handle([ENGLISH, EMPTY])
    assert [type(each) for each in results] == [StageOutput, StageOutput]
    sent = [outgoing for each in results if isinstance(each, StageOutput) for outgoing in each.publish]
    assert [outgoing.topic for outgoing in sent] == [ANNOTATED, ANNOTATED]
    assert [decode(encode(outgoing.message), Annotated) for outgoing in sent] == annotate([ENGLISH, EMPTY])


def test_a_copy_inherits_the_names_of_its_original(offline_options: Settings) -> None:
    """Also in a later batch, from another site: nothing is read a second time, the names are the very same."""
    annotated = stage(offline_options.enrich).handle
    copy = msgspec.structs.replace(ENGLISH, id="4", source="b.example", url="https://b.example/4", source_name="B")
    altered = msgspec.structs.replace(copy, id="5", text=ENGLISH.text.replace("Ankara", "Izmir"))
    first, second, third = (_annotated(annotated([each])) for each in (ENGLISH, copy, altered))
    assert (second.id, second.source) == ("4", "b.example")
    assert second.entities is first.entities
    assert second.places is first.places
    assert "izmir" in {entity.key for entity in third.entities}


def _annotated(results: Sequence[Result]) -> Annotated:
    (handled,) = results
    assert isinstance(handled, StageOutput)
    (outgoing,) = handled.publish
    assert isinstance(outgoing.message, Annotated)
    return outgoing.message
