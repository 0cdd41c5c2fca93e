"""Which articles this poller has published, whichever feed showed them: article id -> newest revision.

In: what feeds' states tell, and what is being sent. Out: the newest version known. In memory only, bounded.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from pipeline.messages import FeedState

MOST_PUBLISHED = 200_000


@dataclass(frozen=True, slots=True)
class Version:
    """The newest known revision of an article. `content` is a hash of its title, text and date."""

    content: str
    revision: int
    first_seen_at: datetime


class PublishedArticles:
    """What this poller knows to be published, whichever feed showed it. Bounded; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._versions: OrderedDict[str, Version] = OrderedDict()

    def __contains__(self, article: str) -> bool:
        return article in self._versions

    def get(self, article: str) -> Version | None:
        """The newest version that we know of."""
        return self._versions.get(article)

    def put(self, article: str, version: Version) -> None:
        """Remembers a version that was sent, or is about to be: two feeds may show one article at the same time."""
        self._versions[article] = version
        self._versions.move_to_end(article)
        if len(self._versions) > MOST_PUBLISHED:
            self._versions.popitem(last=False)

    def take_back(self, article: str, version: Version, before: Version | None) -> None:
        """Forgets a version that was not sent after all, for the one that was known before it; keeps another one that
        was learnt meanwhile."""
        if self._versions.get(article) is version:
            if before is not None:
                self._versions[article] = before
            else:
                del self._versions[article]

    def learn(self, state: FeedState) -> None:
        """Remembers the articles that a feed's state knows."""
        for each in (*state.seen, *(each.published_as for each in state.pending if each.published_as)):
            known = self._versions.get(each.article)
            if each.article and (known is None or known.revision < each.revision):
                self.put(each.article, Version(each.content, each.revision, each.first_seen_at))
