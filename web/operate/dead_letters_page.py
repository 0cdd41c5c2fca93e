"""Dead letters: what could not be processed and why; sent again after the cause is mended, as `newsloom dead` does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from heapq import nlargest

from pipeline.failures import WrongSetting
from pipeline.kafka import dead_letter
from pipeline.messages import DeadLetter
from pipeline.printable import printable
from web.changes import FormView, change_page, form_of
from web.frame import Answer, Asked, Page, Shown, Site

PATH = "/dead"
SHOWN = 100  # letters, the newest
MOST_DETAIL, MOST_TRACEBACK, MOST_ORIGINAL = 1_000, 10_000, 2_000  # characters that are shown


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter as it is shown: what is long, cut."""

    letter: DeadLetter
    detail: str
    traceback: str
    original: str


@dataclass(frozen=True, slots=True)
class DeadLettersView:
    """How many letters there are of each stage and reason; the newest of those that were asked for."""

    groups: tuple[tuple[str, str, int], ...]
    stage: str
    reason: str
    total: int
    letters: tuple[LetterView, ...]
    form: FormView


@dataclass(frozen=True, slots=True)
class ReplayView:
    """How many messages are on their way again, and why others are not."""

    sent: int
    refused: tuple[str, ...]


def show(asked: Asked, site: Site) -> Answer:
    """The page. `stage`, `reason`: only of these."""
    stage, reason = asked.word("stage"), asked.word("reason")
    groups: Counter[tuple[str, str]] = Counter()

    def counted(letter: DeadLetter) -> bool:
        groups[letter.stage, letter.reason] += 1
        return stage in ("", letter.stage) and reason in ("", letter.reason)

    letters = dead_letter.read_dead_letters(site.options.kafka, counted)
    newest = nlargest(SHOWN, letters, key=lambda each: (each.failed_at, each.id))
    total = sum(n for (s, r), n in groups.items() if stage in ("", s) and reason in ("", r))
    rows = tuple((*key, count) for key, count in groups.most_common())
    view = DeadLettersView(rows, stage, reason, total, tuple(map(build_letter, newest)), form_of(asked, site))
    return Shown("operate/dead_letters.html", "Dead letters", view)


def build_letter(letter: DeadLetter) -> LetterView:
    """A letter as it is shown. Pure."""
    original = letter.original[: MOST_ORIGINAL * 4].decode(errors="replace")
    return LetterView(
        letter,
        printable(letter.detail, MOST_DETAIL),
        printable(letter.traceback, MOST_TRACEBACK, lines=True),
        printable(original, MOST_ORIGINAL, lines=True),
    )


def replay(asked: Asked, site: Site) -> Answer:
    """Sends a letter again, or all of a stage and reason."""
    originals, refused = dead_letter.replayable(dead_letter.read_dead_letters(site.options.kafka, _wanted(asked)))
    if not originals and not refused:
        raise WrongSetting("there is no such dead letter any more")
    if originals:
        dead_letter.publish_again(site.options.kafka, originals)
    return Shown("operate/replayed.html", "Sent again", ReplayView(len(originals), tuple(refused)))


def _wanted(asked: Asked) -> Callable[[DeadLetter], bool]:
    """Which letters a form means. Raises WrongSetting for one that means all: that is done with open eyes, by stage."""
    id_, stage, reason = asked.field("id"), asked.field("stage"), asked.field("reason")
    if id_:
        return lambda letter: letter.id == id_
    if not stage or not reason:
        raise WrongSetting("say which dead letters: an id, or a stage and a reason")
    return lambda letter: (letter.stage, letter.reason) == (stage, reason)


PAGES = (Page("dead_letters", PATH, show), change_page("dead_replay", "/dead/replay", replay))
