"""Mail: tells people of hits with one plain mail.

In: addresses, hits, the mail server of the settings. Out: nothing; Poison `refused_mail` when the server refuses the
mail for good (a 5xx), Unavailable for everything else, a wrong password too: that is mended in the settings.
"""

import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from pipeline import settings
from pipeline.failures import Poison, Unavailable
from pipeline.printable import printable
from pipeline.watch_messages import WatchHit
from watches.outputs.time_limit import time_limit

MOST_OF_A_SUBJECT = 120  # characters of a title in it
MOST_TOLD = 300  # characters of a server's answer


def build_mail(sender: str, to: Sequence[str], watch: str, hits: Sequence[WatchHit], now: datetime) -> EmailMessage:
    """The mail of some hits: title, source, time and address of each."""
    more = f" and {len(hits) - 1} more" if len(hits) > 1 else ""
    subject = f"[{watch}] {printable(hits[0].title)[:MOST_OF_A_SUBJECT]}{more}"
    body = "\n".join(_paragraph(hit) for hit in hits)
    return build_letter(sender, to, subject, body, f"{hits[0].id}.{len(hits)}", now)


def build_letter(sender: str, to: Sequence[str], subject: str, body: str, id_: str, now: datetime) -> EmailMessage:
    """A mail of ours. `id_` is the same when the same is told again, so that a mail program can fold a repetition."""
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"], mail["To"], mail["Date"] = sender, ", ".join(to), format_datetime(now)
    mail["Message-ID"] = f"<{id_}@{sender.rpartition('@')[2] or 'newsloom.invalid'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body)
    return mail


def _paragraph(hit: WatchHit) -> str:
    changed = f", changed: {' and '.join(hit.changed)}" if hit.changed else ""
    where = f"{printable(hit.source_name)} ({hit.source}), {hit.date:%Y-%m-%d %H:%M} UTC{changed}"
    return f"{printable(hit.title)}\n{where}\n{printable(hit.url)}\n"


def send(mail: EmailMessage, options: settings.Watches) -> None:
    """Sends a mail, after the server's greeting in about `watches.timeout_seconds`. Raises Poison, Unavailable."""
    if not options.smtp_host:
        raise Unavailable("mail", "watches.smtp_host is empty: say which mail server takes the mails")
    try:
        _send(mail, options)
    except smtplib.SMTPRecipientsRefused as error:
        raise _failure(max(code for code, _ in error.recipients.values()), str(error)) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Unavailable("mail", f"wrong user or password: {error}"[:MOST_TOLD]) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code, str(error)) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Unavailable("mail", f"{type(error).__name__}: {error}"[:MOST_TOLD]) from error


def _send(mail: EmailMessage, options: settings.Watches) -> None:
    seconds = options.timeout_seconds
    with _connected(options) as server, time_limit(seconds, lambda: server.sock):
        if options.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if options.smtp_username:
            server.login(options.smtp_username, options.smtp_password)
        server.send_message(mail)


def _connected(options: settings.Watches) -> smtplib.SMTP:
    host, port, seconds = options.smtp_host, options.smtp_port, options.timeout_seconds
    if options.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=seconds)


def _failure(code: int, detail: str) -> Poison | Unavailable:
    if 500 <= code < 600:
        return Poison("refused_mail", detail[:MOST_TOLD])
    return Unavailable("mail", detail[:MOST_TOLD])
