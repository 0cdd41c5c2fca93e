from enrich.clustering.clusters import Clusters, StoryChoice
from enrich.clustering.join_model import load_nets, predict_probabilities
from enrich.clustering.report_embedding import EMPTY_EMBEDDING, embed_report
from enrich.clustering.vectors import Report, build_report, weigh_terms

FLOOD = "Heavy rain flooded the harbour of Velm overnight and hundreds of residents were moved to the school."
VOTE = "Parliament in Ostrava voted to abolish the dog tax after a debate of nine hours about municipal budgets."
DAY = 86_400.0


def weights(text: str) -> dict[str, float]:
    return weigh_terms(text[:40], text, "en")


def add_report(clusters: Clusters, story: str, new_report: Report) -> None:
    clusters.add(story, clusters.pack(new_report), new_report.time, new_report.day)


def test_reports_of_one_event_meet_and_others_do_not() -> None:
    clusters = Clusters(0.4, 7)
    add_report(clusters, "flood", build_report(weights(FLOOD), ["velm"], 0.0, 0))
    new_report = build_report(weights("Residents of Velm moved as rain floods harbour"), ["velm"], 3_600.0, 0)
    assert clusters.choose(new_report) == StoryChoice("flood")
    assert clusters.choose(build_report(weights(VOTE), ["ostrava"], 0.0, 0)) is None


def test_similarity_fades_with_time_apart() -> None:
    clusters = Clusters(0.4, 30)
    add_report(clusters, "flood", build_report(weights(FLOOD), ["velm"], 0.0, 0))
    again = weights("Residents of Velm moved as rain floods harbour, and divers look for boats under the sea wall")
    assert clusters.choose(build_report(again, ["velm"], 0.1 * DAY, 0)) == StoryChoice("flood")
    assert clusters.choose(build_report(again, ["velm"], 1 * DAY, 1)) == StoryChoice("flood")
    assert clusters.choose(build_report(again, ["velm"], 6 * DAY, 6)) is None
    assert clusters.choose(build_report(again, ["velm"], -6 * DAY, 0)) is None


def test_the_days_that_reports_speak_of_tell_two_days_of_one_affair_apart() -> None:
    def report_of_day(day: str) -> Report:
        text = f"{FLOOD} So it was on {day}."
        return build_report(weights(FLOOD), ["velm"], 0.0, 0, embedding=embed_report(weights(FLOOD), text, "en"))

    clusters = Clusters(0.4, 7)
    add_report(clusters, "flood", report_of_day("Tuesday"))
    probabilities = {day: _probability(clusters, report_of_day(day)) for day in ("Tuesday", "Thursday")}
    assert probabilities["Tuesday"] > probabilities["Thursday"]


def test_what_reports_mean_counts_where_it_is_known() -> None:
    embedded = embed_report(weights(FLOOD), FLOOD, "en")
    new_report = build_report(weights("Residents of Velm moved as rain floods harbour"), ["velm"], 0.0, 0)
    probabilities = []
    for theirs, ours in ((EMPTY_EMBEDDING, EMPTY_EMBEDDING), (embedded, EMPTY_EMBEDDING), (embedded, embedded)):
        clusters = Clusters(0.4, 7)
        add_report(clusters, "flood", build_report(weights(FLOOD), ["velm"], 0.0, 0, embedding=theirs))
        probabilities.append(_probability(clusters, new_report._replace(embedding=ours)))
    assert probabilities[0] == probabilities[1] != probabilities[2]


def _probability(clusters: Clusters, new_report: Report) -> float:
    found = clusters.compare(new_report)
    assert found is not None
    return float(predict_probabilities(found[1], load_nets())[0])


def test_idle_stories_close_and_leave_nothing() -> None:
    clusters = Clusters(0.4, 7)
    add_report(clusters, "flood", build_report(weights(FLOOD), ["velm"], 0.0, 0))
    add_report(clusters, "vote", build_report(weights(VOTE), ["ostrava"], 0.0, 0))
    clusters.touch("vote", 5)
    assert clusters.choose(build_report(weights(FLOOD), ["velm"], 0.0, 8)) is None  # idle, though not closed yet
    assert clusters.advance(8) == ["flood"]
    assert "flood" not in clusters
    assert clusters.choose(build_report(weights(VOTE), ["ostrava"], 0.0, 8)) == StoryChoice("vote")
    assert clusters.advance(13) == ["vote"]
    assert len(clusters) == 0


def test_of_too_many_stories_those_that_are_idle_longest_are_closed_at_the_end_of_a_day() -> None:
    clusters = Clusters(0.4, 7, most_open=3)
    for day, story in enumerate(("first", "second", "third", "fourth")):
        add_report(clusters, story, build_report(weights(VOTE), [story], 0.0, 1 + day // 2))
    clusters.touch("first", 2)
    assert len(clusters) == 4
    assert clusters.advance(3) == ["second"]
    assert clusters.advance(9) == []
    assert sorted(clusters.advance(10)) == ["first", "fourth", "third"]


def test_a_story_of_many_reports_is_found_by_a_bounded_number_of_words() -> None:
    clusters = Clusters(0.4, 7)
    for number in range(40):
        words = {f"w{number}x{each}": 1.0 for each in range(30)}
        add_report(clusters, "long", build_report(words, [], 0.0, 0))
    first, last = (build_report({f"w{number}x{each}": 1.0 for each in range(30)}, [], 0.0, 0) for number in (0, 39))
    assert clusters.compare(first) is not None
    assert clusters.compare(last) is None


def test_choosing_changes_nothing() -> None:
    clusters = Clusters(0.4, 7)
    add_report(clusters, "flood", build_report(weights(FLOOD), ["velm"], 0.0, 0))
    new_report = build_report(weights("Residents of Velm moved as rain floods harbour"), ["velm"], 0.0, 0)
    assert [clusters.choose(new_report) for _ in range(3)] == [StoryChoice("flood")] * 3
    assert len(clusters) == 1


def test_words_are_weighed_without_those_that_say_nothing() -> None:
    found = weigh_terms("Cease-fire: Türkiye's offer", "The ceasefire is what they wanted and it is over", "en")
    assert found["ceasefire"] == max(found.values())
    assert "türkiye" in found
    assert not {"the", "is", "what", "they", "and", "it"} & found.keys()
    assert weigh_terms("", "", "en") == {}


def test_scripts_without_spaces_are_weighed_in_pairs_of_characters() -> None:
    assert {"電気", "気税"} <= weigh_terms("電気税を引き下げ", "", "ja").keys()


def test_a_report_without_words_joins_nothing() -> None:
    clusters = Clusters(0.4, 7)
    nothing = build_report({}, [], 0.0, 0)
    assert clusters.choose(nothing) is None
    add_report(clusters, "empty", nothing)
    assert clusters.choose(nothing) is None


def test_two_stories_that_a_report_shows_to_be_one_are_merged() -> None:
    clusters = Clusters(0.4, 7)
    add_report(clusters, "flood", build_report(weights(FLOOD), ["velm"], 0.0, 0))
    add_report(clusters, "other", build_report(weights(VOTE), ["ostrava"], 0.0, 0))
    add_report(clusters, "again", build_report(weights(FLOOD), ["velm"], 0.0, 0))
    new_report = build_report(weights(FLOOD), ["velm"], 3_600.0, 0)
    assert clusters.choose(new_report) == StoryChoice("flood", ("again",))
    add_report(clusters, "flood", new_report)
    assert clusters.merge("flood", "again")
    assert len(clusters) == 2
    assert "again" not in clusters
    assert clusters.choose(new_report) == StoryChoice("flood")
    assert not clusters.merge("flood", "again")
    assert clusters.advance(20) == ["flood", "other"]
    assert len(clusters) == 0
