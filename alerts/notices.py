"""Notices: tells an output of everything that began and ended, in one call or one mail.

In: a Notice, the settings of [watches] (mail server, secret, time limit). Out: nothing; Poison when the output refuses
it for good, Unavailable when it may be told later. The body of a webhook's call is
{"began": [...], "ended": [...]}, each with rule, subject, text, began_at, ended_at; headers and signature are as for a
watch's calls (watches/outputs/webhook).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from alerts.alert_state import Notice
from pipeline import settings
from pipeline.alert_message import Alert
from pipeline.printable import printable
from watches.outputs import mail, webhook

MOST_NAMED = 20  # alerts of one rule that a mail tells one by one; a call tells all
MOST_OF_A_SUBJECT = 150  # characters
TOLD = ("rule", "subject", "text", "began_at", "ended_at")


def tell(notice: Notice, options: settings.Watches, now: datetime) -> None:
    """Tells the notice's output. Raises Poison, Unavailable."""
    kind, _, address = notice.output.partition(" ")
    if kind == "webhook":
        body = build_body(notice)
        headers = webhook.build_headers(notice_id(notice), body, options.webhook_secret, now)
        webhook.call(address, body, headers, options.timeout_seconds)
    else:
        subject, text = subject_of(notice), build_text(notice)
        mail.send(mail.build_letter(options.mail_from, [address], subject, text, notice_id(notice), now), options)


def notice_id(notice: Notice) -> str:
    """The same for the same alerts: a receiver can know a repetition."""
    began = (f"{each.key} {each.began_at}" for each in notice.began)
    ended = (f"{each.key} {each.ended_at}" for each in notice.ended)
    return webhook.call_id([*began, *ended])


def build_body(notice: Notice) -> bytes:
    """The JSON for a webhook."""
    return msgspec.json.encode({"began": _for_programs(notice.began), "ended": _for_programs(notice.ended)})


def subject_of(notice: Notice) -> str:
    """A mail's subject: the first alert, and how many more there are."""
    first = (*notice.began, *notice.ended)[0]
    more = len(notice.began) + len(notice.ended) - 1
    word = "alert" if notice.began else "ended"
    return f"[newsloom {word}] {printable(first.text)[:MOST_OF_A_SUBJECT]}" + (f" and {more} more" if more else "")


def build_text(notice: Notice) -> str:
    """The text for people: what began, then what ended, by rule."""
    parts = [*_paragraphs("Began", notice.began), *_paragraphs("Ended", notice.ended)]
    return "\n".join([*parts, "", "newsloom alerts shows what is open; config/alerts.toml holds the rules."])


def _for_programs(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    return [{name: getattr(each, name) for name in TOLD if getattr(each, name) is not None} for each in alerts]


def _paragraphs(title: str, alerts: Sequence[Alert]) -> list[str]:
    lines = []
    for rule in dict.fromkeys(each.rule for each in alerts):
        of_rule = [each for each in alerts if each.rule == rule]
        lines += ["", f"{title}: {rule} ({len(of_rule)})"]
        lines += [f"  {printable(each.text)}" for each in of_rule[:MOST_NAMED]]
        lines += [f"  and {len(of_rule) - MOST_NAMED} more"] if len(of_rule) > MOST_NAMED else []
    return lines
