import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrich.language import LANGUAGES, UNKNOWN, detect
from enrich.writing_systems import languages_written_in

TAGS = st.sampled_from(["en", "sr-Latn", "bs", "zh-TW", "nn", "xx", "", "\x00"]) | st.text(max_size=4)
GERMAN = "Die Bundesregierung hat am Mittwoch beschlossen, die Steuern auf Strom für alle Haushalte zu senken."


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", GERMAN),
        ("en", "The government decided on Wednesday to lower the tax on electricity for every household."),
        ("fr", "Le gouvernement a décidé mercredi de baisser la taxe sur l'électricité pour tous les ménages."),
        ("tr", "Hükümet çarşamba günü tüm haneler için elektrik vergisini düşürmeye karar verdi, dedi sözcü."),
        ("ja", "政府は水曜日、すべての家庭の電気税を引き下げることを決定したと発表した。"),
        ("ar", "قررت الحكومة يوم الأربعاء خفض الضريبة على الكهرباء لجميع الأسر في البلاد"),
    ],
)
def test_the_text_tells_its_language(language: str, text: str) -> None:
    found = detect("", text, None)
    assert (found.code, found.source) == (language, "text")
    assert 0.5 < found.confidence <= 1


def test_a_long_text_is_believed_before_the_page() -> None:
    assert detect("", GERMAN, "en").code == "de"


@pytest.mark.parametrize("claimed", ["en", "fr", "nl", "da", "sr", "ar", "zh"])
def test_a_headline_plainly_in_another_language_is_believed_before_page_and_feed(claimed: str) -> None:
    assert (
        detect("Bundesregierung beschließt niedrigere Steuern auf Strom", "", claimed, (claimed, claimed)).code == "de"
    )


def test_a_short_text_leaves_the_word_to_page_and_feed() -> None:
    assert detect("Live-Ticker", "", None, ("de-AT",))[::2] == ("de", "feed")
    assert detect("Live-Ticker", "", "nb")[::2] == ("no", "page")


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("Predsednik razgovarao s ministrima", "sr"),
        ("Novi most u gradu otvoren u sredu", "sr"),
        ("Novi most u gradu otvoren u srijedu", "hr"),
        ("Novi most u gradu otvoren u srijedu", "bs"),
        ("Nova bro åpnet i byen", "no"),
        ("Ny bro åbnet i byen", "da"),
        ("Ny bru opna i byen", "nn"),
        ("Jambatan baru dibuka", "ms"),
        ("Jembatan baru dibuka", "id"),
        ("Nový most otvorený", "sk"),
        ("Nový most otevřen", "cs"),
        ("Ponte nova aberta", "gl"),
        ("Ponte nova aberta", "pt"),
        ("Нов мост отворен", "mk"),
        ("Нов мост отворен", "bg"),
        ("پل جدید", "fa"),
        ("جسر جديد", "ar"),
        ("新橋開通", "ja"),
        ("新橋開通", "zh-TW"),
        ("Live", "en-GB"),
    ],
)
def test_a_headline_in_one_of_two_close_languages_is_in_the_one_that_is_declared(headline: str, language: str) -> None:
    wanted = {"nn": "no"}.get(language, language[:2])
    for declared in ((language, ()), (None, (language,)), (language, (language, language))):
        assert detect(headline, "", *declared).code == wanted


SERBIAN = (
    "Vlada je u sredu odlučila da smanji cenu struje za sva domaćinstva, rekla je predsednica posle sednice u Novom "
    "Gradu. Novi zakon će važiti od prvog januara, a opština očekuje da će uštedeti deset miliona."
)
CROATIAN = (
    "Vlada je u srijedu odlučila smanjiti cijenu struje za sva kućanstva, rekla je predsjednica poslije sjednice u "
    "Novom Gradu. Novi zakon vrijedit će od prvog siječnja, a općina očekuje uštedu od deset milijuna."
)


def test_serbian_in_latin_letters_is_told_from_croatian_and_bosnian() -> None:
    assert detect("", SERBIAN, None).code == "sr"
    assert detect("", CROATIAN, None).code == "hr"
    assert detect("", CROATIAN.replace("siječnja", "januara").replace("milijuna", "miliona"), "bs").code == "bs"
    assert detect("", SERBIAN, "sr", ("sr", "sr"))[::2] == ("sr", "text")


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("Αθήνα", "el"),
        ("ΑΘΗΝΑ", "el"),
        ("새 다리", "ko"),
        ("新しい橋", "ja"),
        ("สะพาน", "th"),
        ("גשר", "he"),
        ("ხიდი", "ka"),
    ],
)
def test_letters_of_one_language_tell_it(headline: str, language: str) -> None:
    assert detect(headline, "", "en", ("en",)).code == language


def test_what_cannot_be_written_in_the_letters_is_not_believed() -> None:
    assert detect("Mario Rossi", "", "ru", ("ar",)).code not in ("ru", "ar")


def test_sources_that_disagree_leave_the_word_to_the_text() -> None:
    assert detect("Nova bro åpnet i byen", "", "en", ("no",))[::2] == ("no", "text")
    assert detect("Mario Rossi", "", "en", ("it", "it")).code == "it"


@pytest.mark.parametrize("claimed", [None, "", "xx", "klingon", "-", "\x00"])
def test_says_unknown_when_it_is(claimed: str | None) -> None:
    for text in ("", "12:30 4-3 99", "!!!", "\x00\x01", "☃☃☃"):
        assert detect("", text, claimed) == (UNKNOWN, 0.0, "none")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300), st.one_of(st.none(), TAGS), st.lists(TAGS, max_size=3))
def test_any_text_has_one_language_or_none(title: str, text: str, by_page: str | None, by_feed: list[str]) -> None:
    found = detect(title, text, by_page, by_feed)
    assert found.code in LANGUAGES or (found.code, found.confidence, found.source) == (UNKNOWN, 0.0, "none")
    assert 0 <= found.confidence <= 1
    assert languages_written_in(title + text, LANGUAGES) != frozenset()
