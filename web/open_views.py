"""Open views: which view of the index the pages of a search look through, by the moment at which it began.

In: the moment that stands in a search's address. Out: a view (index/searching/article_search), while it is open.
"""

import threading
from datetime import datetime

MOST_OPEN = 100  # the longest unused is forgotten, and closes by itself


class OpenViews:
    """The views that were opened, in the memory of this process: after a restart there is none."""

    def __init__(self) -> None:
        self._views: dict[datetime, str] = {}
        self._lock = threading.Lock()

    def keep(self, seen: datetime, view: str) -> None:
        """Keeps the view of the search that began at `seen`."""
        with self._lock:
            self._views[seen] = view
            for oldest in list(self._views)[:-MOST_OPEN]:
                del self._views[oldest]

    def find(self, seen: datetime) -> str:
        """The view of that search; "" for none."""
        with self._lock:
            view = self._views.pop(seen, "")
            if view:
                self._views[seen] = view
            return view

    def forget(self, seen: datetime) -> None:
        """Forgets a view that is closed."""
        with self._lock:
            self._views.pop(seen, None)
