"""What is found, and how it is shown: on the real server, over a few invented articles."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from index import mapping, write
from index.searching import article_search
from index.searching.article_search import Filters
from pipeline import settings
from pipeline.entity import Entity
from pipeline.failures import WrongSetting
from pipeline.messages import Enriched
from pipeline.settings import Settings
from tests.index.samples import OCTOBER, enriched

pytestmark = pytest.mark.stack

MINISTER = Entity(name="Öncü Keçeli", canonical="Öncü Bey Keçeli", key="oncu keceli", type="person", count=2)


def ids(options: settings.Elasticsearch, query: str, filters: Filters = article_search.NO_FILTERS) -> list[str]:
    """What is found, best first."""
    return [hit.article.id for hit in article_search.search(options, query, filters).hits]


def filled(options: Settings, *articles: Enriched) -> settings.Elasticsearch:
    """The index with these articles in it, searchable."""
    there = options.elasticsearch
    mapping.install(there)
    write.stage(there).handle(articles)
    article_search.refresh(there)
    return there


def test_before_the_first_article_nothing_is_found(options: Settings) -> None:
    there = options.elasticsearch
    assert article_search.search(there, "anything") == article_search.SearchResult(total=0, texts=0, hits=())
    assert article_search.count(there) == 0
    article_search.refresh(there)


def test_words_are_found_in_any_spelling_and_form(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", title="Türkiye’s minister met his colleagues in İstanbul", text="They were talking for hours."),
        enriched("b", title="Turkiye wins the cup", text="Nobody had expected it in São Paulo."),
    )
    assert set(ids(there, "turkiye")) == set(ids(there, "Türkiye")) == set(ids(there, "TÜRKIYE")) == {"a", "b"}
    assert ids(there, "istanbul ministers talk") == ["a"]
    assert ids(there, "sao paulo") == ["b"]
    assert ids(there, "minister -colleagues") == []


def test_the_other_headlines_of_a_page_are_found(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", title="Sea wall to be rebuilt", alternative_titles=("Why Westmarsh keeps its feet dry",)),
        enriched("b", title="Gull numbers fall"),
    )
    assert ids(there, "westmarsh feet") == ids(there, '"keeps its feet"') == ["a"]


def test_a_phrase_means_its_words_as_written(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", text="A speech at the United Nations on Tuesday."),
        enriched("b", text="The united nation celebrated. Nations were not united."),
    )
    assert ids(there, '"united nations"') == ["a"]
    assert ids(there, '"united nation"') == ["b"]
    assert set(ids(there, "united nations")) == {"a", "b"}


def test_words_find_their_synonyms_and_a_phrase_does_not(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", title="Türkiye’s envoy speaks", text="A cease-fire was agreed on Monday."),
        enriched("b", title="The truce of Velm", text="Turkey was on the menu in the Czech Republic."),
        enriched("c", title="In Czechia", text="The truces of winter end."),
    )
    assert set(ids(there, "turkey")) == set(ids(there, "türkiye")) == {"a", "b"}
    assert set(ids(there, "ceasefire")) == {"a", "b", "c"}  # the last one by its stem
    assert set(ids(there, "czech republic")) == set(ids(there, "czechia")) == {"b", "c"}
    assert set(ids(there, '"turkey"')) == {"b"}
    assert set(ids(there, '"czech republic"')) == {"b"}
    assert set(ids(there, '"truce of velm"')) == {"b"}
    assert ids(there, "turkey -truce") == []


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("de", "Die Häuser der Städte wurden verkauft.", "haus stadt"),
        ("fr", "L’Élysée a nommé les ministres d’Algérie.", "ministre algerie elysee"),
        ("es", "Las elecciones municipales fueron anuladas.", "eleccion municipal"),
        ("it", "I ministri dell’Italia hanno votato.", "ministro italia"),
        ("pt", "As eleições presidenciais foram adiadas.", "eleicao presidencial"),
        ("nl", "De burgemeesters spraken over de huizen.", "burgemeester"),
        ("ru", "Министры обсудили выборы в городах.", "министр выборов"),
        ("tr", "İstanbul'da seçimlerin sonuçları açıklandı.", "istanbul secim"),
    ],
)
def test_words_are_found_in_other_forms_of_their_own_language(
    options: Settings, language: str, text: str, query: str
) -> None:
    there = filled(options, enriched("a", language=language, title="-", text=text))
    assert ids(there, query) == ["a"]
    [hit] = article_search.search(there, query).hits
    assert any("⟨" in passage for passage in hit.passages)


@pytest.mark.parametrize(
    ("language", "text", "query", "marked"),
    [
        ("ja", "昨日、東京都知事がTokyoで会見した。", "東京都知事", "⟨東京都知事⟩"),
        ("ja", "新幹線が大雪で遅れた。", "新幹線 遅れる", "⟨遅れ⟩"),
        ("ja", "新型Kestrelエンジンの試験", "kestrel", "⟨Kestrel⟩"),
        ("zh", "台灣總統訪問花蓮", "台湾", "⟨台灣⟩"),
        ("th", "กรุงเทพฯมีน้ำท่วมหลังฝนตกหนัก", "น้ำท่วม", "⟨น้ำท่วม⟩"),
        ("ko", "서울에서 열린 회의", "서울", "⟨서울⟩"),
        ("el", "Πλημμύρες στην Αθήνα", "ΑΘΗΝΑ", "⟨Αθήνα⟩"),
        ("he", "שָׁלוֹם לכולם", "שלום", "⟨שָׁלוֹם⟩"),
        ("ar", "نقص الأطباء في المدينة", "اطباء", "⟨الأطباء⟩"),
        ("de", "Der Präsident kam nach München.", "Praesident Muenchen", "⟨München⟩"),
        ("tr", "Iğdır'da kar yağdı", "ığdır", "⟨Iğdır'da⟩"),
    ],
)
def test_what_was_found_is_marked_in_every_script(
    options: Settings, language: str, text: str, query: str, marked: str
) -> None:
    there = filled(options, enriched("a", language=language, title="-", text=text))
    [hit] = article_search.search(there, query).hits
    assert marked in "".join(hit.passages).replace("⟩⟨", "")


def test_a_phrase_in_text_without_spaces_means_its_letters_in_a_row(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", language="ja", title="東京都知事の会見", text="-"),
        enriched("b", language="ja", title="知事は京都から東の都へ", text="東京の都知らず、事の始まり"),
        enriched("c", language="th", title="มีน้ำท่วมหนัก", text="-"),
        enriched("d", language="th", title="ท่วมหนักด้วยน้ำ", text="-"),
    )
    assert ids(there, '"東京都知事"') == ["a"]
    assert ids(there, '"น้ำท่วม"') == ["c"]
    assert ids(there, "東京都知事 -会見") == []


@pytest.mark.parametrize(
    ("text", "phrase", "other"),
    [
        ("벨름의 항구가 월요일, 다시 열린다.", "항구가 월요일 다시", "항구가 다시"),
        ("维尔姆港口，周一重新开放。", "港口 周一", "港口 开放"),
        ("ベルムの港は、月曜に再開します。", "港は 月曜に", "港は 再開"),
        ("토요일 밤 9시 MBC와 함께", "밤 9시 MBC와", "토요일 9시"),
    ],
)
def test_a_phrase_goes_on_behind_a_space_and_a_comma(options: Settings, text: str, phrase: str, other: str) -> None:
    there = filled(options, enriched("a", language="xx", title="Velm", text=text))
    assert ids(there, f'"{phrase}"') == ["a"]
    assert ids(there, f'"{other}"') == []


def test_a_foreign_word_is_found_in_a_text_of_another_language(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", language="en", title="A sign in Kyoto: 東京駅 this way", text="Αθήνα and Київ too."),
        enriched("b", language="ja", title="ロンドンの「The Kestrel」閉店", text="-"),
    )
    assert ids(there, "東京駅") == ids(there, "ΑΘΗΝΑ київ") == ids(there, "kyoto sign") == ["a"]
    assert ids(there, "kestrel") == ["b"]


def test_copies_are_folded_under_their_original(options: Settings) -> None:
    text = "The lighthouse of Velm was lit again on Monday after nine years of darkness. " * 5
    there = filled(
        options,
        enriched("original", text=text),
        enriched("copy1", text=text, duplicate_of="original", source="b.example", title="Lighthouse lit: lighthouse"),
        enriched("copy2", text=text, duplicate_of="original", source="c.example"),
        enriched("other", text="Another lighthouse, elsewhere, was sold."),
    )
    answer = article_search.search(there, "lighthouse")
    assert (answer.total, answer.texts) == (4, 2)
    [hit] = [hit for hit in answer.hits if hit.article.id != "other"]
    assert hit.article.id == "original"
    assert hit.copies_total == 2
    assert {copy.id for copy in hit.copies} == {"copy1", "copy2"}
    assert any("⟨lighthouse⟩" in passage for passage in hit.passages)
    # where the original does not pass the filters, its copy stands for it
    assert ids(there, "lighthouse", Filters(source="b.example")) == ["copy1"]


def test_filters_narrow_down_together(options: Settings) -> None:
    there = filled(
        options,
        enriched("a", entities=(MINISTER,), story="s1", countries=("TR", "GR")),
        enriched("b", entities=(MINISTER,), language="tr", source="b.example"),
        enriched("c", published_at=OCTOBER - timedelta(days=3), story="s1"),
    )
    assert set(ids(there, "", Filters(entity="oncu KECELI"))) == {"a", "b"}  # by name
    assert set(ids(there, "", Filters(entity="oncu keceli"))) == {"a", "b"}  # by key
    assert set(ids(there, "", Filters(entity="oncu bey KECELI"))) == {"a", "b"}  # by its canonical name
    assert ids(there, "", Filters(entity="Öncü Keçeli", language="tr")) == ["b"]
    assert ids(there, "", Filters(entity="Keçeli")) == []
    assert ids(there, "", Filters(country="gr")) == ["a"]
    assert set(ids(there, "", Filters(stories=("s1",)))) == {"a", "c"}
    assert ids(there, "", Filters(source="b.example")) == ["b"]
    assert ids(there, "", Filters(until=OCTOBER - timedelta(days=1))) == ["c"]
    assert set(ids(there, "", Filters(since=OCTOBER - timedelta(days=1), until=OCTOBER))) == {"a", "b"}


def test_of_equal_articles_the_fresh_one_is_first_and_a_better_one_is_before_it(options: Settings) -> None:
    now = datetime.now(UTC)
    there = filled(
        options,
        enriched("old", published_at=now - timedelta(days=60), first_seen_at=now, text="Rain in the valley."),
        enriched("new", published_at=now, first_seen_at=now, text="Rain in the valley."),
        enriched("apt", published_at=now - timedelta(days=90), first_seen_at=now, title="Rain, rain, rain"),
    )
    assert ids(there, "rain") == ["apt", "new", "old"]
    newest = article_search.search(there, "rain", order="newest").hits
    assert [hit.article.id for hit in newest] == ["new", "old", "apt"]
    assert newest[0].score is None


@pytest.mark.parametrize(
    "typed",
    ['"', "((((", "a~99999999999", '"a b"~99999999999', "*", "-", "+ | -", "\\", "\x00", "title:(", "{}", "x" * 100_000,
     "(" * 5_000, "a* " * 3_000, "a~ " * 300, "a " * 30_000, "\U0001d518 \u200f \ufdfd \U0010ffff"],
    ids=lambda typed: ascii(typed[:12]),
)  # fmt: skip
def test_nothing_that_is_typed_is_an_error(options: Settings, typed: str) -> None:
    there = filled(options, enriched("a"))
    assert article_search.search(there, typed).total in (0, 1)


def test_pages_follow_each_other_without_gap_or_repetition(options: Settings) -> None:
    now = datetime.now(UTC)
    texts = [enriched(f"t{n}", title="Rain " * (n % 3 + 1), published_at=now - timedelta(hours=n)) for n in range(11)]
    copies = [enriched(f"c{n}", title="Rain in town", duplicate_of=f"t{n % 4}", source="b.example") for n in range(9)]
    there = filled(options, *texts, *copies)
    orders: list[article_search.Order] = ["relevance", "newest"]
    for order in orders:
        whole = article_search.search(there, "rain", size=100, order=order)
        assert (whole.total, whole.texts, whole.next) == (20, 11, None)
        pages = list(paged(there, order))
        assert [len(each.hits) for each in pages] == [3, 3, 3, 2]
        assert {(each.total, each.texts) for each in pages} == {(20, 11)}
        shown = [hit.article.id for each in pages for hit in each.hits]
        assert shown == [hit.article.id for hit in whole.hits]
        assert sum(hit.copies_total for each in pages for hit in each.hits) == 9


def paged(options: settings.Elasticsearch, order: article_search.Order) -> Iterator[article_search.SearchResult]:
    """Three texts a page."""
    page = article_search.search(options, "rain", size=3, order=order)
    yield page
    while page.next:
        page = article_search.search(options, "rain", size=3, order=order, after=page.next)
        yield page


@pytest.mark.parametrize("after", ["x", "00", "5b5d", "7b7d"])
def test_a_place_that_no_page_gave_is_named(options: Settings, after: str) -> None:
    with pytest.raises(WrongSetting, match="not where a page ended"):
        article_search.search(options.elasticsearch, "rain", after=after)


def test_most_of_many_words_are_enough_and_the_more_the_better(options: Settings) -> None:
    there = filled(
        options,
        enriched("most", text="The mayor opened the bridge over the river."),
        enriched("all", text="The mayor opened the bridge over the river on Sunday."),
        enriched("half", text="The mayor was on the bridge."),
    )
    assert ids(there, "mayor bridge river sunday") == ["all", "most"]
    assert ids(there, "mayor bridge sunday") == ["all"]
