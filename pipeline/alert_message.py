"""Alert: what is wrong with the pipeline or with a source, since when, and who has been told of it."""

from pipeline.feed_state import UtcTime
from pipeline.message import Message


class Alert(Message, frozen=True, kw_only=True):
    """One thing that is wrong, by one rule of config/alerts.toml; on the topic from its beginning until all are told of
    its end."""

    rule: str  # the rule's name
    subject: str  # what it is about: a feed's URL, a stage, a server, a disk
    text: str  # what is wrong, for people
    seen_at: UtcTime  # when it was seen first
    began_at: UtcTime | None = None  # when it had been wrong for long enough; None until then
    absent_since: UtcTime | None = None  # since when it is no longer seen
    ended_at: UtcTime | None = None  # when it had been right for long enough
    told_begin: tuple[str, ...] = ()  # outputs that were told of its beginning ...
    told_end: tuple[str, ...] = ()  # ... and of its end

    @property
    def is_open(self) -> bool:
        """Whether it has begun and not ended."""
        return self.began_at is not None and self.ended_at is None

    @property
    def key(self) -> str:
        """The key of its message."""
        return alert_key(self.rule, self.subject)


def alert_key(rule: str, subject: str) -> str:
    """The key of an alert by its rule and subject; a rule's name has no space."""
    return f"{rule} {subject}"
