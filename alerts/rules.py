"""Rules: what is an alert, and who is told; read from config/alerts.toml.

In: the file's text. Out: Rules. Each table [[alerts]] is a rule; its `kind` says what it looks at.
"""

import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from pipeline.failures import WrongSetting
from watches.watch_list import ADDRESS, NAME, is_web_address


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all rules have. Where a rule names no webhook or mail of its own, the file's are told."""

    name: str = ""  # its kind where it has none
    hold_minutes: float = 5.0  # so long it must be wrong before it is an alert, and right before that ends
    webhook: str | None = None
    mail: tuple[str, ...] | None = None


class FeedRule(Rule, frozen=True):
    """A rule about feeds. `groups`: only feeds of these groups of the feed list; () for all."""

    groups: tuple[str, ...] = ()


class SilenceRule(FeedRule, frozen=True, tag="silence"):
    """A source has not published what its own rhythm makes one expect."""


class FailingRule(FeedRule, frozen=True, tag="failing"):
    """A feed could not be polled with success for `hours`: it is away, forbidden, broken, or blocks us."""

    hours: float = 6.0


class DriftRule(FeedRule, frozen=True, tag="drift"):
    """A source's pages are suddenly unlike its usual ones: a new layout, from which too little or too much is read."""


class GapRule(FeedRule, frozen=True, tag="gap"):
    """Two polls of a feed shared no entry in the last `hours`: entries were probably missed in between."""

    hours: float = 24.0


class OverdueRule(FeedRule, frozen=True, tag="overdue"):
    """A feed should have been polled `minutes` ago: no poller works on it."""

    minutes: float = 30.0


class FreshnessRule(Rule, frozen=True, tag="freshness"):
    """Too few of the articles fetched in the last `minutes` met the target of the settings ([freshness])."""

    minutes: float = 60.0
    least_articles: int = 20  # of fewer only that they were in time is said


class LagAgeRule(Rule, frozen=True, tag="lag_age"):
    """The oldest message that a stage has not finished has waited for `minutes`."""

    minutes: float = 15.0


class DeadLettersRule(Rule, frozen=True, tag="dead_letters"):
    """More than `most` dead letters were written in an hour."""

    most: int = 20


class DiskRule(Rule, frozen=True, tag="disk"):
    """Less than `least_percent` of the disk is free where Elasticsearch keeps its data."""

    least_percent: float = 15.0


class ServerRule(Rule, frozen=True, tag="server"):
    """Kafka or Elasticsearch does not answer."""


AnyRule = (
    SilenceRule
    | FailingRule
    | DriftRule
    | GapRule
    | OverdueRule
    | FreshnessRule
    | LagAgeRule
    | DeadLettersRule
    | DiskRule
    | ServerRule
)


class RuleFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. `webhook` and `mail`: who is told by rules that name nobody."""

    webhook: str = ""
    mail: tuple[str, ...] = ()
    alerts: tuple[AnyRule, ...] = ()


def read_file(path: Path) -> tuple[AnyRule, ...]:
    """The rules of the file, each with a name and with who is told; none when there is no file. Raises WrongSetting."""
    try:
        file = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), RuleFile)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise WrongSetting(f"the alerts file {path} can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise WrongSetting(f"the alerts file {path} is wrong: {error}{_known_kinds(str(error))}") from error
    rules = tuple(_completed(rule, file) for rule in file.alerts)
    for rule in rules:
        _check(rule, path)
    names = [rule.name for rule in rules]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise WrongSetting(f"the alerts file {path} has two rules called {twice!r}: give one of them another name")
    return rules


def kind_of(rule: AnyRule) -> str:
    """The kind of a rule, as the file writes it."""
    return str(rule.__struct_config__.tag)


def outputs_of(rule: AnyRule) -> tuple[str, ...]:
    """Who is told: "webhook URL" and "mail ADDRESS", as they are noted in alerts."""
    hooks = (f"webhook {rule.webhook}",) if rule.webhook else ()
    return (*hooks, *(f"mail {address}" for address in rule.mail or ()))


def _completed(rule: AnyRule, file: RuleFile) -> AnyRule:
    return msgspec.structs.replace(
        rule,
        name=rule.name or kind_of(rule).replace("_", "-"),
        webhook=file.webhook if rule.webhook is None else rule.webhook,
        mail=file.mail if rule.mail is None else rule.mail,
    )


def _check(rule: AnyRule, path: Path) -> None:
    where = f"the alerts file {path}, rule {rule.name!r}"
    if not NAME.fullmatch(rule.name):
        raise WrongSetting(f"{where}: a name is small letters, digits and hyphens, at most 64")
    for field, value in msgspec.structs.asdict(rule).items():
        if isinstance(value, int | float) and not (0 <= value < 1_000_000):
            raise WrongSetting(f"{where}: {field} = {value} must be between 0 and a million")
    if rule.webhook and (not is_web_address(rule.webhook) or "@" in urlsplit(rule.webhook).netloc):
        raise WrongSetting(f"{where}: a webhook is an http or https address without a password")
    for address in rule.mail or ():
        if not ADDRESS.fullmatch(address):
            raise WrongSetting(f"{where}: {address[:80]!r} is no mail address")


def _known_kinds(error: str) -> str:
    if "kind" not in error:
        return ""
    kinds = sorted(str(each.__struct_config__.tag) for each in AnyRule.__args__)
    return f"; the kinds are {', '.join(kinds)}"
