from hypothesis import given
from hypothesis import strategies as st

from enrich.entities.entity_linking import MOST_ARTICLES, EntityLinker, differ_by_one_letter
from pipeline.entity import Entity, EntityType
from pipeline.messages import Fingerprint
from tests.enrich.samples import AUGUST


def remembered(*articles: str) -> EntityLinker:
    """Each article came twice, as news do."""
    linker = EntityLinker()
    for at, names in enumerate((*articles, *articles)):
        linker.remember(fingerprint(str(at), *names.split(", ")))
    return linker


def fingerprint(id_: str, *names: str) -> Fingerprint:
    return Fingerprint(
        id=id_,
        revision=1,
        language="en",
        source="a.example",
        title="T",
        first_seen_at=AUGUST,
        content_hash=id_,
        entities=names,
        story="s",
    )


def keys(linker: EntityLinker, names: str, kind: EntityType = "person") -> list[str]:
    entities = tuple(Entity(name=n, key=n, type=kind, count=1, canonical=n) for n in names.split(", "))
    return [each.key for each in linker.link(entities)]


CALL = "hakan fidan, antony blinken, gaza, ankara"


def test_a_surname_alone_is_the_person_of_that_company() -> None:
    assert keys(remembered(CALL), "blinken, gaza, ankara") == ["antony blinken", "gaza", "ankara"]


def test_not_a_name_that_one_article_alone_has() -> None:
    linker = EntityLinker()
    linker.remember(fingerprint("1", *CALL.split(", ")))
    assert keys(linker, "blinken, gaza, ankara")[0] == "blinken"
    linker.remember(fingerprint("2", *CALL.split(", ")))
    assert keys(linker, "blinken, gaza, ankara")[0] == "antony blinken"


def test_not_in_other_company() -> None:
    assert keys(remembered(CALL), "blinken, london, gaza")[0] == "blinken"


def test_not_where_two_are_meant() -> None:
    linker = remembered("george bush, iraq, texas", "jeb bush, iraq, texas")
    assert keys(linker, "bush, iraq, texas")[0] == "bush"


def test_not_onto_what_begins_with_a_surname_or_as_an_office_does() -> None:
    linker = remembered("donald trump, hanoi, pyongyang", "trump kim, hanoi, pyongyang", "house democrats, iowa, ohio")
    assert keys(linker, "kim, hanoi, pyongyang")[0] == "kim"
    assert keys(linker, "democrats, iowa, ohio")[0] == "democrats"


def test_not_the_one_who_is_named_less() -> None:
    linker = remembered("lara trump, iowa, ohio", "donald trump, texas, utah", "donald trump, texas, maine")
    assert keys(linker, "trump, iowa, ohio")[0] == "trump"
    assert keys(linker, "trump, texas, maine")[0] == "donald trump"


def test_another_spelling_in_the_same_company() -> None:
    linker = remembered("oncu keceli, turkiye, ankara")
    assert keys(linker, "oncu kececi, turkiye, ankara")[0] == "oncu keceli"
    assert keys(linker, "omer keceli, turkiye, ankara")[0] == "omer keceli"


def test_only_people_and_never_onto_one_that_is_there() -> None:
    assert keys(remembered(CALL), "blinken, gaza, ankara", "place")[0] == "blinken"
    assert keys(remembered(CALL), "blinken, antony blinken, gaza, ankara")[0] == "blinken"


def test_what_is_read_back_knows_the_same() -> None:
    articles = (CALL, "oncu keceli, turkiye, ankara", "jeb bush, iraq, texas")
    again = remembered(*articles, *articles)
    for names in ("blinken, gaza, ankara", "oncu kececi, turkiye, ankara", "bush, iraq, texas"):
        assert keys(remembered(*articles), names) == keys(again, names)


def test_an_article_that_comes_again_counts_once() -> None:
    linker = EntityLinker()
    for _ in range(3):
        linker.remember(fingerprint("1", *CALL.split(", ")))
        assert keys(linker, "blinken, gaza, ankara")[0] == "blinken"


def test_a_later_revision_stands_in_place_of_the_earlier() -> None:
    linker = remembered(CALL)
    linker.remember(fingerprint("1", "gaza", "ankara"))
    assert keys(linker, "blinken, gaza, ankara")[0] == "blinken"


def test_the_last_articles_are_known_whenever_that_is_asked() -> None:
    asked, unasked = EntityLinker(), EntityLinker()
    for at in range(MOST_ARTICLES + 3):
        for linker in (asked, unasked):
            linker.remember(fingerprint(str(at), f"ann last{at // 2}", "gaza", f"town{at // 2}"))
        asked.link(())
    for linker in (asked, unasked):
        assert len(linker) == MOST_ARTICLES
        assert keys(linker, "last0, gaza, town0")[0] == "last0"
        assert keys(linker, "last1, gaza, town1")[0] == "last1"  # one of its two articles is left
        assert keys(linker, "last2, gaza, town2")[0] == "ann last2"


@given(st.text("ab", max_size=5), st.text("ab", max_size=5))
def test_one_apart_is_an_edit_of_one_letter(one: str, other: str) -> None:
    edits = {one[:i] + c + one[j:] for i in range(len(one) + 1) for j in (i, i + 1) for c in ("", "a", "b")}
    assert (differ_by_one_letter(one, other) or one == other) == (other in edits or one == other)
