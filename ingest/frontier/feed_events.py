"""The last events of a feed, for people: FeedState + a FeedEvent -> the next FeedState. Pure."""

from msgspec.structs import replace

from pipeline.feed_state import FeedEvent
from pipeline.messages import FeedState

EVENTS = 30
DETAIL_CHARS = 200  # of an event


def with_event(state: FeedState, event: FeedEvent) -> FeedState:
    """The state with one more event; the oldest goes."""
    event = replace(event, detail=event.detail[:DETAIL_CHARS])
    return replace(state, events=(*state.events[1 - EVENTS :], event))
