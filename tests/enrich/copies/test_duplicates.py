import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.copies.copy_candidates import MAX_ARTICLES_PER_SHINGLE, REPEATED_TITLES
from enrich.copies.duplicates import Copy, DuplicateIndex, Match, Signature
from enrich.copies.shingle_index import MAX_UNSORTED
from enrich.copies.shingles import build_sketch, compute_content_hash, pack_codes

WORDS = [f"word{number}" for number in range(2_000)]


def random_words(seed: str, count: int) -> list[str]:
    return random.Random(seed).choices(WORDS, k=count)


def signature(
    id_: str, text: list[str], /, day: int = 1, published: float = 0.0, title: str = "", source: str = ""
) -> Signature:
    joined = " ".join(text)
    numbers, named = pack_codes(word for word in text if word.isdigit()), pack_codes(title.split())
    return Signature(
        id_, compute_content_hash(title, joined), build_sketch(title, joined), published, day, numbers, source, named
    )


def build_index(*originals: Signature) -> DuplicateIndex:
    index = DuplicateIndex(7)
    for each in originals:
        index.add(each, each.id)
    return index


ORIGINAL = random_words("original", 600)
OTHER = random_words("other", 600)


def copy_of(index: DuplicateIndex, asked: Signature) -> Copy | None:
    found = index.find(asked)
    return found.copy if found else None


def kind_of(text: list[str], original: list[str] = ORIGINAL) -> str | None:
    found = copy_of(build_index(signature("a", OTHER), signature("b", original)), signature("copy", text))
    assert found is None or found.duplicate_of == "b"
    return found.duplicate_kind if found else None


def test_copies_of_each_kind_are_found() -> None:
    assert kind_of([*ORIGINAL]) == "exact"
    assert kind_of([word.upper() + "," for word in ORIGINAL]) == "exact"
    assert kind_of([*random_words("another lede", 40), *ORIGINAL[40:]]) == "near"
    assert kind_of([*random_words("menu", 50), *ORIGINAL, *random_words("footer", 50)]) == "near"
    assert kind_of(ORIGINAL[:300]) == "partial"
    assert kind_of(ORIGINAL[:60]) == "partial"
    assert kind_of([*random_words("round-up", 250), *ORIGINAL[:150]], ORIGINAL[:150]) == "partial"


def test_what_only_quotes_is_no_copy() -> None:
    assert kind_of(random_words("elsewhere", 600)) is None
    assert kind_of([*random_words("report", 400), *ORIGINAL[:60], *random_words("more", 140)]) is None
    assert kind_of([]) is None


def test_figures_say_how_much_is_shared() -> None:
    found = copy_of(build_index(signature("b", ORIGINAL)), signature("copy", ORIGINAL[:300]))
    assert found is not None
    assert found.containment == 1.0
    assert found.resemblance == pytest.approx(0.5, abs=0.1)


def test_a_copy_of_a_copy_names_the_root() -> None:
    index = build_index(signature("root", ORIGINAL))
    index.add(signature("copy", ORIGINAL[300:], published=1), "root")
    found = copy_of(index, signature("third", ORIGINAL[420:] + random_words("else", 60), published=2))
    assert found is not None
    assert found.duplicate_of == "root"


def test_the_earliest_published_is_the_original() -> None:
    index = build_index(
        signature("late", ORIGINAL[:580], published=9.0), signature("early", ORIGINAL[20:], published=3.0)
    )
    found = copy_of(index, signature("copy", ORIGINAL, published=10.0))
    assert found is not None
    assert found.duplicate_of == "early"


def test_an_article_is_no_copy_of_itself_nor_of_its_copies() -> None:
    index = build_index(signature("a", ORIGINAL))
    index.add(signature("b", ORIGINAL), "a")
    index.add(signature("c", ORIGINAL[:500]), "a")
    assert index.find(signature("a", ORIGINAL)) is None
    assert index.find(signature("a", ORIGINAL[:550])) is None
    again = copy_of(index, signature("b", ORIGINAL))
    assert again is not None
    assert again.duplicate_of == "a"


def test_a_revision_takes_the_place_of_the_one_before() -> None:
    index = build_index(signature("a", ORIGINAL))
    index.add(signature("a", OTHER), "a")
    assert len(index) == 1
    assert index.find(signature("b", ORIGINAL)) is None
    assert index.find(signature("b", OTHER)) is not None


def test_days_are_dropped_whole_and_late_articles_are_taken() -> None:
    index = build_index(
        signature("a", ORIGINAL, day=1),
        signature("b", OTHER, day=9),
        signature("late", WORDS[:300], day=3),
    )
    assert index.find(signature("c", ORIGINAL, day=9)) is None  # out of its window, though not dropped yet
    index.advance(9)
    assert len(index) == 2
    assert index.find(signature("c", ORIGINAL, day=8)) is None
    found = copy_of(index, signature("c", WORDS[:300], day=9))
    assert found is not None
    assert found.duplicate_of == "late"
    index.advance(100)
    assert len(index) == 0


def test_templates_with_other_numbers_are_no_copies() -> None:
    result = "Final score in the match between the two teams of the town was {} to {} after {} minutes of play"
    first = result.format(3, 1, 90).split()
    second = [word if not word.isdigit() else str(int(word) + 40) for word in first]
    index = build_index(signature("a", first * 2))
    assert index.find(signature("b", second * 2)) is None
    assert index.find(signature("b", [*first, *first, "today"])) is not None


def test_an_item_is_decided_by_its_title_and_its_numbers() -> None:
    text = random_words("an item", 17)
    index = build_index(signature("a", text, title="Council votes on the harbour"))
    assert index.find(signature("b", text, title="Fire in the old mill of Aske")) is None
    assert index.find(signature("c", text, title="Council votes on the harbour wall")) is not None
    assert index.find(signature("d", [*text, "17"], title="Council votes on the harbour")) is not None
    dated = build_index(signature("a", [*text, "12"], title="Council votes on the harbour"))
    assert dated.find(signature("d", [*text, "17"], title="Council votes on the harbour")) is None


def test_an_original_that_comes_after_its_copies_takes_them_over() -> None:
    index = build_index(signature("copy", ORIGINAL[:300], published=7_000.0))
    index.add(signature("copy of copy", ORIGINAL[:250], published=8_000.0), "copy")
    late = signature("original", ORIGINAL, published=5_000.0)
    found = index.find(late)
    assert found is not None
    assert found.copy is None
    assert [(each.id, each.duplicate_kind) for each in found.copies] == [
        ("copy", "partial"),
        ("copy of copy", "partial"),
    ]
    index.add(late, "original")
    index.reassign_copies("original", found.copies)
    for one in ("copy", "copy of copy", "another"):
        again = copy_of(index, signature(one, ORIGINAL[:300], published=9_000.0))
        assert again is not None
        assert again.duplicate_of == "original"
    assert index.find(late) is None


def test_a_date_without_a_time_does_not_take_over_copies_of_the_same_day() -> None:
    index = build_index(signature("first", ORIGINAL, published=86_400.0 + 50_000))
    same_day = index.find(signature("dated", ORIGINAL[:300], published=86_400.0))
    day_before = index.find(signature("dated", ORIGINAL[:300], published=0.0))
    assert same_day is not None
    assert same_day.copy is not None
    assert day_before is not None
    assert day_before.copy is None


def test_what_a_site_repeats_on_few_pages_makes_no_copies_either() -> None:
    """Half of each page is the site's own, which in the first three is taken for a copy, but not for ever."""
    footer = random_words("footer", 160)
    index, kinds = DuplicateIndex(7), []
    for number in range(REPEATED_TITLES + 6):
        text = [*random_words(f"text {number}", 130), *footer]
        one = signature(str(number), text, title=f"Title {number}", source="a.example")
        found = copy_of(index, one)
        kinds.append(found)
        index.add(one, found.duplicate_of if found else one.id, found.containment if found else None)
    assert kinds[REPEATED_TITLES:] == [None] * 6
    other = signature(
        "other", [*random_words("text 7", 130), *random_words("theirs", 60)], title="Title", source="b.example"
    )
    found = copy_of(index, other)
    assert found is not None
    assert found.duplicate_of == "7"


def test_one_short_text_under_many_titles_of_a_site_is_no_copy() -> None:
    wall = random_words("subscribe to read on", 50)
    index = build_index(signature("a", wall, title="Flood in Velm", source="a.example"))
    assert index.find(signature("b", wall, title="Dog tax abolished", source="a.example")) is None
    assert index.find(signature("c", wall, title="Dog tax abolished", source="b.example")) is not None
    assert index.find(signature("d", wall, title="Flood in Velm", source="a.example")) is not None


def test_what_a_site_repeats_makes_no_copies() -> None:
    index = DuplicateIndex(7)
    footer = random_words("footer", 300)
    for number in range(MAX_ARTICLES_PER_SHINGLE + 5):
        index.add(signature(f"a{number}", [*random_words(f"text {number}", 200), *footer]), f"a{number}")
    assert index.find(signature("new", [*random_words("new text", 200), *footer])) is None


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3), st.integers(20, 60)), max_size=25))
def test_a_sorted_index_finds_what_an_unsorted_one_finds(articles: list[tuple[int, int, int]]) -> None:
    def found(max_unsorted: int) -> list[Match | None]:
        index, results = DuplicateIndex(7, max_unsorted), []
        for position, (text, day, length) in enumerate(articles):
            one = signature(str(position), random_words(str(text), 60)[:length], day=day)
            result = index.find(one)
            index.add(one, result.copy.duplicate_of if result and result.copy else one.id)
            results.append(result)
        return results

    assert found(10) == found(MAX_UNSORTED)


def test_content_hashes_that_look_alike_are_not_the_same() -> None:
    index, looks = DuplicateIndex(7), [f"{first:08x}{last:024x}" for first in (1, 2) for last in range(500)]
    for each in looks:
        assert index.find(Signature(each, each, b"", 0.0, 20_000)) is None
        index.add(Signature(each, each, b"", 0.0, 20_000), each)
