from enrich.clustering.clusters import Choice, Clusters
from enrich.clustering.join_model import chances, learnt
from enrich.clustering.report_embedding import NOTHING, gist
from enrich.clustering.vectors import Report, report, weigh

FLOOD = "Heavy rain flooded the harbour of Velm overnight and hundreds of residents were moved to the school."
VOTE = "Parliament in Ostrava voted to abolish the dog tax after a debate of nine hours about municipal budgets."
DAY = 86_400.0


def weights(text: str) -> dict[str, float]:
    return weigh(text[:40], text, "en")


def put(made: Clusters, story: str, asked: Report) -> None:
    made.add(story, made.pack(asked), asked.time, asked.day)


def test_reports_of_one_event_meet_and_others_do_not() -> None:
    made = Clusters(0.4, 7)
    put(made, "flood", report(weights(FLOOD), ["velm"], 0.0, 0))
    asked = report(weights("Residents of Velm moved as rain floods harbour"), ["velm"], 3_600.0, 0)
    assert made.choose(asked) == Choice("flood")
    assert made.choose(report(weights(VOTE), ["ostrava"], 0.0, 0)) is None


def test_similarity_fades_with_time_apart() -> None:
    made = Clusters(0.4, 30)
    put(made, "flood", report(weights(FLOOD), ["velm"], 0.0, 0))
    again = weights("Residents of Velm moved as rain floods harbour, and divers look for boats under the sea wall")
    assert made.choose(report(again, ["velm"], 0.1 * DAY, 0)) == Choice("flood")
    assert made.choose(report(again, ["velm"], 1 * DAY, 1)) == Choice("flood")
    assert made.choose(report(again, ["velm"], 6 * DAY, 6)) is None
    assert made.choose(report(again, ["velm"], -6 * DAY, 0)) is None


def test_the_days_that_reports_speak_of_tell_two_days_of_one_affair_apart() -> None:
    def told(day: str) -> Report:
        text = f"{FLOOD} So it was on {day}."
        return report(weights(FLOOD), ["velm"], 0.0, 0, gist=gist(weights(FLOOD), text, "en"))

    made = Clusters(0.4, 7)
    put(made, "flood", told("Tuesday"))
    sure = {day: _chance(made, told(day)) for day in ("Tuesday", "Thursday")}
    assert sure["Tuesday"] > sure["Thursday"]


def test_what_reports_mean_counts_where_it_is_known() -> None:
    meant = gist(weights(FLOOD), FLOOD, "en")
    asked = report(weights("Residents of Velm moved as rain floods harbour"), ["velm"], 0.0, 0)
    sure = []
    for theirs, ours in ((NOTHING, NOTHING), (meant, NOTHING), (meant, meant)):
        made = Clusters(0.4, 7)
        put(made, "flood", report(weights(FLOOD), ["velm"], 0.0, 0, gist=theirs))
        sure.append(_chance(made, asked._replace(gist=ours)))
    assert sure[0] == sure[1] != sure[2]


def _chance(made: Clusters, asked: Report) -> float:
    found = made.compared(asked)
    assert found is not None
    return float(chances(found[1], learnt())[0])


def test_idle_stories_close_and_leave_nothing() -> None:
    made = Clusters(0.4, 7)
    put(made, "flood", report(weights(FLOOD), ["velm"], 0.0, 0))
    put(made, "vote", report(weights(VOTE), ["ostrava"], 0.0, 0))
    made.touch("vote", 5)
    assert made.choose(report(weights(FLOOD), ["velm"], 0.0, 8)) is None  # idle, though not closed yet
    assert made.advance(8) == ["flood"]
    assert "flood" not in made
    assert made.choose(report(weights(VOTE), ["ostrava"], 0.0, 8)) == Choice("vote")
    assert made.advance(13) == ["vote"]
    assert len(made) == 0


def test_of_too_many_stories_those_that_are_idle_longest_are_closed_at_the_end_of_a_day() -> None:
    made = Clusters(0.4, 7, most_open=3)
    for day, story in enumerate(("first", "second", "third", "fourth")):
        put(made, story, report(weights(VOTE), [story], 0.0, 1 + day // 2))
    made.touch("first", 2)
    assert len(made) == 4
    assert made.advance(3) == ["second"]
    assert made.advance(9) == []
    assert sorted(made.advance(10)) == ["first", "fourth", "third"]


def test_a_story_of_many_reports_is_found_by_a_bounded_number_of_words() -> None:
    made = Clusters(0.4, 7)
    for number in range(40):
        words = {f"w{number}x{each}": 1.0 for each in range(30)}
        put(made, "long", report(words, [], 0.0, 0))
    first, last = (report({f"w{number}x{each}": 1.0 for each in range(30)}, [], 0.0, 0) for number in (0, 39))
    assert made.compared(first) is not None
    assert made.compared(last) is None


def test_choosing_changes_nothing() -> None:
    made = Clusters(0.4, 7)
    put(made, "flood", report(weights(FLOOD), ["velm"], 0.0, 0))
    asked = report(weights("Residents of Velm moved as rain floods harbour"), ["velm"], 0.0, 0)
    assert [made.choose(asked) for _ in range(3)] == [Choice("flood")] * 3
    assert len(made) == 1


def test_words_are_weighed_without_those_that_say_nothing() -> None:
    found = weigh("Cease-fire: Türkiye's offer", "The ceasefire is what they wanted and it is over", "en")
    assert found["ceasefire"] == max(found.values())
    assert "türkiye" in found
    assert not {"the", "is", "what", "they", "and", "it"} & found.keys()
    assert weigh("", "", "en") == {}


def test_scripts_without_spaces_are_weighed_in_pairs_of_characters() -> None:
    assert {"電気", "気税"} <= weigh("電気税を引き下げ", "", "ja").keys()


def test_a_report_without_words_joins_nothing() -> None:
    made = Clusters(0.4, 7)
    nothing = report({}, [], 0.0, 0)
    assert made.choose(nothing) is None
    put(made, "empty", nothing)
    assert made.choose(nothing) is None


def test_two_stories_that_a_report_shows_to_be_one_are_merged() -> None:
    made = Clusters(0.4, 7)
    put(made, "flood", report(weights(FLOOD), ["velm"], 0.0, 0))
    put(made, "other", report(weights(VOTE), ["ostrava"], 0.0, 0))
    put(made, "again", report(weights(FLOOD), ["velm"], 0.0, 0))
    asked = report(weights(FLOOD), ["velm"], 3_600.0, 0)
    assert made.choose(asked) == Choice("flood", ("again",))
    put(made, "flood", asked)
    assert made.merge("flood", "again")
    assert len(made) == 2
    assert "again" not in made
    assert made.choose(asked) == Choice("flood")
    assert not made.merge("flood", "again")
    assert made.advance(20) == ["flood", "other"]
    assert len(made) == 0
