"""The file of rules is read whole, and what is wrong with it is named."""

from pathlib import Path

import pytest

from alerts import rules
from alerts.rules import DeadLettersRule, SilenceRule
from pipeline.failures import WrongSetting
from pipeline.settings import ROOT


def read(tmp_path: Path, text: str) -> tuple[rules.AnyRule, ...]:
    path = tmp_path / "alerts.toml"
    path.write_text(text)
    return rules.read_file(path)


def test_the_file_that_comes_with_newsloom_has_a_rule_of_each_kind_and_tells_nobody() -> None:
    found = rules.read_file(ROOT / "config" / "alerts.toml")
    assert {type(each) for each in found} == set(rules.AnyRule.__args__)
    assert [rules.outputs_of(each) for each in found] == [()] * len(found)


def test_rules_without_outputs_of_their_own_tell_those_of_the_file(tmp_path: Path) -> None:
    text = """
    webhook = "http://127.0.0.1:8000/alerts"
    mail = ["desk@paper.example", "night@paper.example"]
    [[alerts]]
    kind = "silence"
    groups = ["coast"]
    [[alerts]]
    kind = "dead_letters"
    name = "too-many"
    most = 3
    webhook = ""
    mail = ["ops@paper.example"]
    """
    first, second = read(tmp_path, text)
    assert isinstance(first, SilenceRule)
    assert first.groups == ("coast",)
    assert (first.name, rules.kind_of(first)) == ("silence", "silence")
    wanted = ("webhook http://127.0.0.1:8000/alerts", "mail desk@paper.example", "mail night@paper.example")
    assert rules.outputs_of(first) == wanted
    assert isinstance(second, DeadLettersRule)
    assert (second.name, second.most, rules.outputs_of(second)) == ("too-many", 3, ("mail ops@paper.example",))


def test_without_a_file_there_is_no_rule(tmp_path: Path) -> None:
    assert rules.read_file(tmp_path / "none.toml") == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[alerts]]\nkind = "silense"', "the kinds are dead_letters, disk, drift"),
        ("[[alerts]]\nhold_minutes = 3", "kind"),
        ('[[alerts]]\nkind = "disk"\nleast_per_cent = 3', "least_per_cent"),
        ('[[alerts]]\nkind = "disk"\nleast_percent = "few"', "least_percent"),
        ('[[alerts]]\nkind = "lag_age"\nminutes = -1', "minutes = -1"),
        ('[[alerts]]\nkind = "lag_age"\nminutes = nan', "minutes = nan"),
        ('[[alerts]]\nkind = "gap"\n[[alerts]]\nkind = "gap"', "two rules called 'gap'"),
        ('[[alerts]]\nkind = "gap"\nname = "Two words"', "small letters"),
        ('webhook = "ftp://paper.example"\n[[alerts]]\nkind = "gap"', "http or https"),
        ('webhook = "http://me:secret@paper.example"\n[[alerts]]\nkind = "gap"', "without a password"),
        ('mail = ["desk"]\n[[alerts]]\nkind = "gap"', "'desk' is no mail address"),
        ("[[alerts", "is wrong"),
        ("alarms = 3", "alarms"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(WrongSetting, match=r"alerts\.toml") as told:
        read(tmp_path, text)
    assert named in str(told.value)
    assert "secret" not in str(told.value)
