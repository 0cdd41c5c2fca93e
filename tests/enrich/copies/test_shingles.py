import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.copies.shingles import (
    LEAD_SAMPLING,
    LEAD_WORDS,
    MAX_NUMBERS,
    SAMPLING,
    SHORT_WORDS,
    build_sketch,
    compute_content_hash,
    decode_sketch,
    extract_numbers,
    extract_title_words,
)

words = st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8), min_size=1, max_size=400)


@given(st.text(), st.text())
def test_any_text_has_a_hash_and_a_sorted_sketch(title: str, text: str) -> None:
    assert len(compute_content_hash(title, text)) == 32
    hashes = decode_sketch(build_sketch(title, text)).tolist()
    assert hashes == sorted(set(hashes))


@given(words)
def test_case_punctuation_and_space_change_nothing(text: list[str]) -> None:
    plain, dressed = " ".join(text), "…\n" + " -- ".join(text).upper() + "!"
    assert compute_content_hash("T", plain) == compute_content_hash("t.", dressed)
    assert build_sketch("T", plain) == build_sketch("t.", dressed)


@given(words, words)
def test_a_text_keeps_its_sample_wherever_it_stands(text: list[str], around: list[str]) -> None:
    text = text * (SHORT_WORDS // len(text) + 1)  # long enough to be sampled
    alone = decode_sketch(build_sketch("", " ".join(text)))
    inside = decode_sketch(build_sketch("", " ".join(around + text[: 1_000 - 2 * len(around)] + around)))
    here = decode_sketch(build_sketch("", " ".join(text[: 1_000 - 2 * len(around)])))
    assert {each for each in here.tolist() if each % SAMPLING == 0} <= set(inside.tolist())
    assert len(set(alone.tolist())) == len(alone)


def test_one_shingle_in_eight_is_sampled_and_one_in_four_of_the_beginning() -> None:
    hashes = decode_sketch(build_sketch("", " ".join(f"word{number}" for number in range(1_000)))).tolist()
    everywhere = sum(each % SAMPLING == 0 for each in hashes)
    assert 80 < everywhere < 170  # 996 / SAMPLING = 124.5, give or take four standard deviations
    assert SAMPLING == 8
    assert 2 < len(hashes) - everywhere <= LEAD_WORDS / LEAD_SAMPLING  # 12.5 on average


def test_a_short_text_keeps_all() -> None:
    assert len(decode_sketch(build_sketch("", " ".join(f"word{number}" for number in range(60))))) == 56


def test_two_pages_that_say_little_are_told_apart_by_their_titles() -> None:
    assert compute_content_hash("Rain in Bern", "More soon.") != compute_content_hash("Sun in Rome", "More soon.")
    assert build_sketch("Rain is expected in Bern", "More soon.") != build_sketch(
        "Sun is expected in Rome", "More soon."
    )


def test_scripts_without_spaces_have_shingles_too() -> None:
    text = "政府は水曜日、すべての家庭の電気税を引き下げることを決定したと発表した。野党は反対している。"
    shared = set(decode_sketch(build_sketch("", text)).tolist()) & set(
        decode_sketch(build_sketch("", text[10:])).tolist()
    )
    assert len(shared) > 20


def test_another_process_gives_the_same() -> None:
    said = "print(compute_content_hash('t', 'a b c'), build_sketch('t', 'a b c d e f').hex())"
    program = f"from enrich.copies.shingles import *; {said}"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {f"{compute_content_hash('t', 'a b c')} {build_sketch('t', 'a b c d e f').hex()}\n".encode()}


@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, "a" + "\u0315\u0300" * 300_000, "中" * 10**6, "\x00 " * 500_000, "\ud800 " * 100_000, "ﷺ" * 100_000],
    ids=["no spaces", "combining marks", "no spaces, Chinese", "control", "surrogates", "expanding"],
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    started = time.monotonic()
    compute_content_hash(text[:1_000], text)
    build_sketch(text[:1_000], text)
    assert time.monotonic() - started < 5


def test_numbers_are_those_of_title_and_beginning() -> None:
    assert extract_numbers("Velm 3-1 Aske", "On 21.8. there were 1,204 fans, and 3-1 it was; 7 cards.") == (
        *("3-1", "21.8", "1204", "7"),
    )
    assert extract_numbers("", "none") == ()
    assert len(extract_numbers("", " ".join(map(str, range(100))))) == MAX_NUMBERS


def test_a_title_is_the_set_of_its_words() -> None:
    assert extract_title_words("Flood in Velm: flood, again") == ["again", "flood", "in", "velm"]
    assert extract_title_words("電気税") == sorted("電気税")
    assert extract_title_words("") == []
