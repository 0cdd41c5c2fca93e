"""What is wrong is told once when it begins and once when it ends, whatever flickers, is away or begins at once."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.alert_state import after_look, after_notice, after_pause, changes, due_notices, newly_open
from alerts.conditions import Wrong
from alerts.rules import AnyRule, SilenceRule
from pipeline.alert_message import Alert
from tests.alerts.samples import NOON, alert, minutes

DESK, HOOK = "mail desk@paper.example", "webhook http://127.0.0.1/alerts"
RULE = SilenceRule(name="silence", hold_minutes=5, mail=("desk@paper.example",))
BOTH = replace(RULE, webhook="http://127.0.0.1/alerts")


class Told:
    """Alerts through the minutes, and what the outputs were told: "+" and "-" and the subjects."""

    def __init__(self, rule: AnyRule = RULE, gather: float = 0) -> None:
        self.rules, self.gather = (rule,), minutes(gather)
        self.alerts: dict[str, Alert] = {}
        self.said: list[tuple[str, str, str]] = []

    def look(self, at: float, wrong: Wrong, deaf: tuple[str, ...] = ()) -> None:
        """A look at so many minutes after noon; `deaf`: outputs that can't be told then."""
        now = NOON + minutes(at)
        self.alerts = after_look(self.alerts, self.rules, {"silence": wrong}, now)
        for notice in due_notices(self.alerts, self.rules, self.gather, now):
            if notice.output not in deaf:
                self.said.append(
                    (
                        notice.output.split()[0],
                        "".join(each.subject for each in notice.began),
                        "".join(each.subject for each in notice.ended),
                    )
                )
                self.alerts = after_notice(self.alerts, notice)


def test_it_begins_after_it_was_wrong_long_enough_and_ends_after_it_was_right_long_enough() -> None:
    told = Told()
    for at in range(20):
        told.look(at, {"a": "silent"} if at < 10 else {})
        assert told.said == [("mail", "a", "")] * (at >= 5) + [("mail", "", "a")] * (at >= 15)
    told.look(30, {})
    assert told.alerts == {}


def test_what_flickers_is_told_once_and_what_is_short_never() -> None:
    told = Told()
    for at in range(60):
        told.look(at, {"a": "silent"} if at % 4 else {})
    assert told.said == []
    for at in range(60, 70):
        told.look(at, {"a": "silent"})
    for at in range(70, 120):
        told.look(at, {"a": "silent"} if at % 4 else {})
    assert told.said == [("mail", "a", "")]


def test_nothing_begins_or_ends_while_nobody_could_say() -> None:
    told = Told()
    told.look(0, {"a": "silent"})
    told.look(6, {"a": "silent"})
    for at in range(7, 100):
        told.look(at, None)
    assert told.said == [("mail", "a", "")]
    told.look(100, {"a": "silent"})
    assert told.said == [("mail", "a", "")]


def test_what_begins_within_a_minute_is_told_at_once() -> None:
    told = Told(gather=1)
    for at in range(12):
        told.look(at, {name: "silent" for name in ("a", "b", "c") if at >= ord(name) - ord("a")})
    assert told.said == [("mail", "ab", ""), ("mail", "c", "")]


def test_each_output_is_told_on_its_own() -> None:
    told = Told(BOTH)
    told.look(0, {"a": "silent"})
    told.look(5, {"a": "silent"}, deaf=(HOOK,))
    told.look(6, {"a": "silent"}, deaf=(HOOK,))
    assert told.said == [("mail", "a", "")]
    told.look(7, {"a": "silent"})
    told.look(8, {})
    told.look(13, {}, deaf=(DESK,))
    assert told.said == [("mail", "a", ""), ("webhook", "a", ""), ("webhook", "", "a")]
    told.look(14, {})
    assert told.said[3:] == [("mail", "", "a")]


def test_who_never_heard_that_it_began_is_not_told_that_it_ended() -> None:
    told = Told()
    told.look(0, {"a": "silent"})
    told.look(5, {"a": "silent"}, deaf=(DESK,))
    for at in range(6, 30):
        told.look(at, {}, deaf=(DESK,) if at < 12 else ())
    assert told.said == []
    assert told.alerts == {}


def test_one_that_comes_back_before_everybody_knows_that_it_ended() -> None:
    told = Told(BOTH)
    told.look(0, {"a": "silent"})
    told.look(5, {"a": "silent"})
    told.look(6, {})
    told.look(11, {}, deaf=(DESK,))  # the hook is told that it ended
    told.look(12, {"a": "silent"})  # the desk never was: for it, it goes on
    assert told.said == [("mail", "a", ""), ("webhook", "a", ""), ("webhook", "", "a"), ("webhook", "a", "")]


def test_a_rule_that_is_gone_takes_its_alerts_with_it() -> None:
    assert after_look({"silence a": alert("a")}, (), {}, NOON) == {}


def test_the_words_follow_what_is_seen() -> None:
    before = {"silence a": alert("a")}
    [found] = after_look(before, (RULE,), {"silence": {"a": "silent for 3 days"}}, NOON).values()
    assert (found.text, found.began_at) == ("silent for 3 days", NOON)


def test_what_has_begun_and_what_has_ended_since() -> None:
    waiting, open_, ended = alert("a", began_at=None), alert("a"), alert("a", ended_at=NOON)
    assert newly_open({}, {"silence a": open_}) == newly_open({"silence a": waiting}, {"silence a": open_}) == [open_]
    assert newly_open({"silence a": open_}, {"silence a": open_}) == newly_open({}, {"silence a": waiting}) == []
    assert newly_open({"silence a": ended}, {"silence a": open_}) == newly_open({}, {"silence a": open_}) == [open_]


def test_only_what_has_begun_is_written() -> None:
    begun, waiting = alert("a"), alert("b", began_at=None)
    assert changes({}, {"silence a": begun, "silence b": waiting}) == {"silence a": begun}
    assert changes({"silence a": begun}, {"silence a": begun}) == {}
    assert changes({"silence a": begun}, {}) == {"silence a": None}


LOOKS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.dictionaries(st.sampled_from("abc"), st.just("silent"))),
        st.sets(st.sampled_from([DESK, HOOK])),
        st.floats(0.5, 10),
    ),
    max_size=60,
)


@given(LOOKS)
def test_for_each_output_beginnings_and_ends_take_turns(looks: list[tuple[Wrong, set[str], float]]) -> None:
    told, at = Told(BOTH, gather=1), 0.0
    for wrong, deaf, later in looks:
        at += later
        told.look(at, wrong, tuple(deaf))
    for output in ("mail", "webhook"):
        for subject in "abc":
            turns = [
                sign
                for where, began, ended in told.said
                for sign in ("+" * (subject in began), "-" * (subject in ended))
                if where == output and sign
            ]
            assert turns[:1] in ([], ["+"])
            assert all(before != after for before, after in pairwise(turns))


@given(LOOKS)
def test_in_the_end_all_is_told_and_forgotten(looks: list[tuple[Wrong, set[str], float]]) -> None:
    told, at = Told(BOTH), 0.0
    for wrong, deaf, later in looks:
        at += later
        told.look(at, wrong, tuple(deaf))
    for _ in range(4):
        at += 10
        told.look(at, {})
    told.look(at + 1, {})
    assert told.alerts == {}
    for output in ("mail", "webhook"):
        began = "".join(began for where, began, _ in told.said if where == output)
        ended = "".join(ended for where, _, ended in told.said if where == output)
        assert sorted(began) == sorted(ended)


def test_an_alert_whose_rule_is_gone_waits_for_the_next_look_and_keeps_no_other_from_being_told() -> None:
    alerts = {"gone a": alert("a", rule="gone"), "silence b": alert("b")}
    [notice] = due_notices(alerts, (RULE,), minutes(0), NOON)
    assert [each.subject for each in notice.began] == ["b"]
    assert due_notices(alerts, (), minutes(0), NOON) == []


def test_a_time_that_jumps_back_breaks_nothing() -> None:
    before: dict[str, Alert] = {"silence a": alert("a", seen_at=NOON + timedelta(hours=5), began_at=None)}
    [found] = after_look(before, (RULE,), {"silence": {"a": "silent"}}, NOON).values()
    assert found.began_at is None
    assert isinstance(found.seen_at, datetime)


def test_what_was_seen_for_a_moment_before_a_sleep_does_not_begin_at_its_end() -> None:
    """A laptop sleeps for the night; at its first look everything is overdue, and a minute later nothing is."""
    told = Told()
    told.look(0, {"a": "overdue"})
    told.alerts = after_pause(told.alerts)
    told.look(480, {"a": "overdue"})
    told.look(481, {})
    told.look(490, {})
    assert (told.said, told.alerts) == ([], {})


def test_what_was_right_for_a_moment_before_a_sleep_does_not_end_at_its_end() -> None:
    told = Told()
    told.look(0, {"a": "silent"})
    told.look(5, {"a": "silent"})
    told.look(6, {})
    told.alerts = after_pause(told.alerts)
    told.look(486, {})
    told.look(487, {"a": "silent"})
    assert told.said == [("mail", "a", "")]


@given(st.lists(st.tuples(st.booleans(), st.floats(0.5, 600)), min_size=1, max_size=60))
def test_whatever_sleeps_there_are_only_what_was_looked_at_for_long_enough_begins_or_ends(
    looks: list[tuple[bool, float]],
) -> None:
    """Each look finds it wrong or right, so many minutes after the one before; more than three are a sleep."""
    told, at, since = Told(), 0.0, 0.0
    held: bool | None = None
    for wrong, later in looks:
        at += later
        if later > 3 or wrong is not held:
            since, held = at, wrong
        if later > 3:
            told.alerts = after_pause(told.alerts)
        before = len(told.said)
        told.look(at, {"a": "silent"} if wrong else {})
        assert len(told.said) == before or at - since >= RULE.hold_minutes - 1e-6
