import pytest

from enrich.annotate import annotate, stage
from pipeline.messages import ANNOTATED, Annotated, decode, encode
from pipeline.settings import Settings
from pipeline.stage import Handled
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
    assert [type(each) for each in results] == [Handled, Handled]
    sent = [outgoing for each in results if isinstance(each, Handled) for outgoing in each.publish]
    assert [outgoing.topic for outgoing in sent] == [ANNOTATED, ANNOTATED]
    assert [decode(encode(outgoing.message), Annotated) for outgoing in sent] == annotate([ENGLISH, EMPTY])
