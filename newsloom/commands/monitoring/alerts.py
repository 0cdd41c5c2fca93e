"""`newsloom alerts`: what operators are told of: the alerts that are open; a test that everybody can be told."""

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import click

from alerts import certainty, rules
from alerts.open_alerts import read_open
from alerts.rules import AnyRule
from newsloom import terminal
from newsloom.local_run import run_addresses
from newsloom.times import show_time
from pipeline import settings
from pipeline.alert_message import Alert
from pipeline.failures import Poison, Unavailable, WrongSetting
from watches.last_look import NobodyLooks, read_last_looks


@click.group(invoke_without_command=True)
@run_addresses.DATA_OPTION
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for programs.")
@click.pass_context
def alerts(context: click.Context, data: Path, as_json: bool) -> None:
    """What is wrong now, by the rules of config/alerts.toml.

    Exit status 1 when something is, 4 when nobody can say that nothing is.
    """
    if context.invoked_subcommand is not None:
        return
    options = run_addresses.settings_for_run(data)
    found = read_open(options.kafka)
    if as_json:
        terminal.say_json(found)
    elif found:
        show_alerts(found, options)
    known, looks, now = rules.read_file(options.alerts_file()), read_last_looks(options.kafka), datetime.now(UTC)
    doubt = certainty.doubt(known, looks, options.alerts, now)
    if found:
        if doubt:
            terminal.complain(doubt)
        context.exit(1)
    if doubt:
        raise NobodyLooks(doubt)
    if not as_json:
        terminal.say(certainty.all_clear(known, looks, now))


@alerts.command("rules")
def list_rules() -> None:
    """List the rules, and who is told by each."""
    options = settings.load(os.environ)
    rows = [
        (each.name, rules.kind_of(each), f"{each.hold_minutes:g} min", ", ".join(rules.outputs_of(each)) or "nobody")
        for each in rules.read_file(options.alerts_file())
    ]
    if not rows:
        terminal.say(f"no rule stands in {options.alerts.file}")
        return
    terminal.Screen().draw(terminal.table(["rule", "kind", "holds", terminal.Column("tells", fold=True)], rows))


@alerts.command()
def test() -> None:
    """Tell everybody whom a rule names that this is a test."""
    from alerts import notices  # noqa: PLC0415
    from alerts.alert_state import Notice  # noqa: PLC0415

    options, now = settings.load(os.environ), datetime.now(UTC)
    outputs = sorted({each for rule in rules.read_file(options.alerts_file()) for each in rules.outputs_of(rule)})
    if not outputs:
        raise Poison("nobody_to_tell", f"{options.alerts.file} names no webhook and no mail address")
    failed = False
    made = Alert(rule="test", subject="test", text="this is a test: nothing is wrong", seen_at=now, began_at=now)
    for output in outputs:
        try:
            notices.tell(Notice(output, (made,), ()), options.watches, now)
            terminal.say(f"{output}: told")
        except (Poison, Unavailable) as failure:
            failed = True
            terminal.complain(f"{output}: {failure}")
    if failed:
        raise Poison("not_all_told", "not everybody could be told")


def show_alerts(found: list[Alert], options: settings.Settings) -> None:
    """Prints the open alerts, also where the file of the rules is wrong."""
    try:
        known = rules.read_file(options.alerts_file())
    except WrongSetting:
        known = ()
    print_alerts(found, known, terminal.Screen(), options.display.zone())


def print_alerts(found: list[Alert], known: tuple[AnyRule, ...], screen: terminal.Screen, zone: tzinfo = UTC) -> None:
    """Prints each open alert: since when, what is wrong, and whether somebody was told."""
    deaf = {rule.name for rule in known if not rules.outputs_of(rule)}
    for each in found:
        screen.line(each.text, "bold")
        told = "told" if each.told_begin else "nobody to tell" if each.rule in deaf else "not told yet"
        screen.line(f"{each.rule}, since {show_time(each.began_at or each.seen_at, zone)}, {told}", "dim", indent=2)
    screen.line(f"{len(found)} alerts are open" if len(found) > 1 else "1 alert is open")
