"""Watch changes: a watch added to what is watched, or taken off it, as `newsloom watch` and the page do it.

In: a watch or the name of one. Out: a message on the topic, acknowledged.
"""

from pipeline import settings
from pipeline.failures import WrongSetting
from pipeline.kafka.publisher import OutgoingMessage, Publisher
from pipeline.messages import WATCHES
from pipeline.watch_messages import Watch
from watches import watch_list

MOST_NAMED = 20  # watches that are named to one who has mistyped


def add_watch(options: settings.Settings, watch: Watch) -> None:
    """Adds a watch. Raises WrongSetting, which says what is wrong with it; Unavailable."""
    watch_list.checked(watch)
    if watch.name in watch_list.read_topic(options.kafka):
        raise WrongSetting(f"there is a watch {watch.name} already: remove it first, or choose another name")
    _publish(options, OutgoingMessage(WATCHES, watch))


def remove_watch(options: settings.Settings, name: str) -> None:
    """Takes a watch off. Raises WrongSetting when there is none, or when it stands in the file; Unavailable."""
    found = find_watch(options, name)
    if found.origin == "file":
        raise WrongSetting(f"watch {name} stands in {options.watches.file}: take it out there")
    _publish(options, OutgoingMessage(WATCHES, found, tombstone=True))


def find_watch(options: settings.Settings, name: str) -> Watch:
    """The watch of this name. Raises WrongSetting, which names those there are; Unavailable."""
    found = watch_list.read_topic(options.kafka)
    if name not in found:
        known = ", ".join(sorted(found)[:MOST_NAMED]) or "none yet"
        raise WrongSetting(f"there is no watch {name[:80]}; there are: {known}")
    return found[name]


def _publish(options: settings.Settings, message: OutgoingMessage) -> None:
    publisher = Publisher(options.kafka)
    try:
        publisher.publish([publisher.encode(message)])
    finally:
        publisher.close()
