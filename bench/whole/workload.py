"""What all turns of a whole bench read: feeds of a local web, in the order in which they are shown.

In: the corpus, the local web, how much is wanted. Out: feeds for each phase; the same for every build.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.whole.web.corpus_pages import SEED, CorpusPages, Kind
from bench.whole.web.foreign_texts import foreign_texts
from bench.whole.web.local_web import LocalFeed, LocalWeb

LANGUAGE_HOSTS = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much is measured: pages to warm and pages after them, in so many feeds, each on a host of its own.

    `steady`: rates in articles a second, or "half" for half of what was reached before.
    """

    warming: int
    pages: int
    feeds: int
    idle_seconds: float
    steady: Sequence[str]
    steady_seconds: int
    languages: int


class Workload:
    """The feeds of every phase.

    `kinds`: how many of the warming and measured pages are of which kind; `measured_pages`: files and kinds of the
    latter, in a mixed order.
    """

    def __init__(self, corpus: CorpusPages, web: LocalWeb, wanted: Wanted) -> None:
        self._corpus, self._web, self._seconds = corpus, web, wanted.steady_seconds
        self._steady: dict[str, list[LocalFeed]] = {}
        pages = corpus.pages(wanted.warming + wanted.pages)
        first = max(1, round(wanted.feeds * wanted.warming / len(pages)))
        self.kinds: Counter[Kind] = Counter(page.kind for page in pages)
        self.idle_seconds, self.steady = wanted.idle_seconds, wanted.steady
        self.warming = web.add_feeds("warming", pages[: wanted.warming], first)
        before = len(web.pages)
        self.measured = web.add_feeds("measured", pages[wanted.warming :], max(1, wanted.feeds - first))
        self.measured_pages = random.Random(SEED).sample(web.pages[before:], wanted.pages)
        self.second_start = web.add_feeds("start", corpus.framed(1), 1)
        foreign = corpus.in_frames(foreign_texts(wanted.languages))
        self.languages = web.add_feeds("languages", foreign, LANGUAGE_HOSTS) if foreign else []

    def steady_feeds(self, rate: str, hosts: int) -> list[LocalFeed]:
        """Feeds of so many hosts that are shown at this rate only, each with a page for each second."""
        feeds = self._steady.setdefault(rate, [])
        while len(feeds) < hosts:
            name = f"{rate}-{len(feeds)}"
            feeds += self._web.add_feeds(f"steady-{name}", self._corpus.framed(self._seconds), 1)
        return feeds[:hosts]
