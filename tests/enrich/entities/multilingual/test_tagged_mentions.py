"""Names in invented sentences of many languages: titles are no part of them, and a surname alone is its person's."""

import time

import pytest

from enrich.entities.mention import ArticleText
from enrich.entities.named_entities import find_entities
from pipeline.entity import Entity

pytestmark = pytest.mark.slow

SENTENCES = [
    (
        "de",
        "Am Montag empfing Bundeskanzlerin Angela Merkel den französischen Präsidenten Emmanuel Macron in Berlin. "
        "Macron lobte die Gastgeberin. Merkels Sprecher schwieg.",
        {"angela merkel", "emmanuel macron"},
        {"berlin"},
    ),
    (
        "fr",
        "Le premier ministre Luc Morel a rencontré la chancelière Angela Merkel à Bruxelles. "
        "Morel est reparti à Paris.",
        {"luc morel", "angela merkel"},
        {"bruxelles", "paris"},
    ),
    (
        "es",
        "El presidente Pedro Sánchez viajó el martes a Lisboa con la ministra Ana Ruiz. Sánchez volverá a Madrid.",
        {"pedro sanchez", "ana ruiz"},
        {"lisboa", "madrid"},
    ),
    (
        "it",
        "Il presidente Sergio Mattarella ha incontrato a Roma il ministro Marco Ferri. Mattarella partirà per Milano.",
        {"sergio mattarella", "marco ferri"},
        {"roma", "milano"},
    ),
    (
        "pt",
        "O presidente João Almeida chegou a Lisboa com a ministra Marta Costa. Almeida volta amanhã ao Brasil.",
        {"joao almeida", "marta costa"},
        {"lisboa", "brazil"},
    ),
    (
        "pl",
        "Prezydent Andrzej Duda spotkał się w Warszawie z premierem Donaldem Tuskiem. Duda poleciał do Berlina.",
        {"andrzej duda", "donaldem tuskiem"},
        {"warszawie", "berlina"},
    ),
    (
        "ru",
        "Президент Владимир Путин встретился в Москве с Ангелой Меркель. Путина ждали два часа.",
        {"владимир путин", "ангелои меркель"},
        {"москве"},
    ),
    (
        "uk",
        "Президент Володимир Зеленський прибув до Києва разом з Ангелою Меркель. Зеленського чекали в Україні.",
        {"володимир зеленськии", "ангелою меркель"},
        {"києва", "ukraine"},
    ),
    (
        "tr",
        "Cumhurbaşkanı Recep Tayyip Erdoğan, Ankara'da Angela Merkel ile görüştü. Erdoğan yarın İstanbul'a gidecek.",
        {"recep tayyip erdogan", "angela merkel"},
        {"ankara", "istanbul"},
    ),
    (
        "id",
        "Presiden Joko Widodo bertemu Menteri Sri Mulyani di Jakarta. Widodo akan terbang ke Surabaya.",
        {"joko widodo", "sri mulyani"},
        {"jakarta", "surabaya"},
    ),
    (
        "zh",
        "国家主席习近平在北京会见了德国总理默克尔。默克尔将前往上海。",
        {"习近平", "默克尔"},
        {"北京", "germany", "上海"},
    ),
    ("ja", "田中一郎首相は月曜日、東京で鈴木花子氏と会談した。", {"田中一郎", "鈴木花子"}, {"東京"}),
    ("hi", "प्रधानमंत्री नरेंद्र मोदी सोमवार को दिल्ली में राहुल शर्मा से मिले।", {"नरेंद्र मोदी", "राहुल शर्मा"}, {"दिल्ली"}),
]


def named(text: str, language: str, title: str = "") -> dict[str, Entity]:
    return {each.key: each for each in find_entities([ArticleText(title, text, language)], 300)[0].entities}


@pytest.mark.parametrize(
    ("language", "text", "people", "places"), SENTENCES, ids=[language for language, *_ in SENTENCES]
)
def test_people_and_places_are_found(language: str, text: str, people: set[str], places: set[str]) -> None:
    found = named(text, language)
    assert {key for key, each in found.items() if each.type == "person"} == people
    assert {key for key, each in found.items() if each.type == "place"} == places


def test_no_name_goes_on_from_the_title_into_the_text() -> None:
    title = "Berlin empfängt Emmanuel Macron"
    found = named("Angela Merkel sprach am Montag.", "de", title)
    assert {"emmanuel macron", "angela merkel"} <= found.keys()


@pytest.mark.parametrize("language", ["de", "zh", "hi"])
@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, "习" * 10**6, "( " * 10**6, "a-b-" * 250_000, "Jo Li, " * 90_000, "\ud800" * 999, "ि" * 10**6],
    ids=["no spaces", "ideographs", "brackets", "hyphens", "names", "surrogates", "marks alone"],
)
def test_hostile_texts_take_bounded_time(text: str, language: str) -> None:
    named("warm up", language)
    started = time.process_time()
    named(text, language, title=text)
    assert time.process_time() - started < 5
