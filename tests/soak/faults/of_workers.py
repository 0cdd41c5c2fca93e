"""Faults of the stages' processes: killed, terminated, frozen, a reader killed, a storm of rebalances."""

import signal
import threading
from collections.abc import Mapping
from functools import partial

from tests.soak.crew import OF_A_STAGE
from tests.soak.faults.schedule import STAGES, PlannedFault
from tests.soak.world import Injection, World, chance_of

STORM_SECONDS = (3.0, 7.0)  # that the third worker stays, and is gone


def _one_of(stage: str, fault: PlannedFault) -> str:
    return f"{stage}-{chance_of(fault).randint(1, OF_A_STAGE)}"


def _kill(stage: str, world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    world.crew.kill(_one_of(stage, fault))


def _terminate(stage: str, world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    world.crew.terminate(_one_of(stage, fault))


def _freeze(stage: str, world: World, fault: PlannedFault, stop: threading.Event) -> None:
    name = _one_of(stage, fault)
    world.crew.freeze(name)
    stop.wait(fault.seconds)
    world.crew.wake(name)


def _kill_readers(world: World, fault: PlannedFault, _stop: threading.Event) -> None:
    for pid in world.crew.readers(_one_of("ingest", fault)):
        world.crew.signal_process(pid, signal.SIGKILL)


def _freeze_readers(world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """A parser that takes minutes: the page that it has in hand is given up and told from its feed."""
    world.readers_were_frozen = True
    readers = world.crew.readers(_one_of("ingest", fault))
    for pid in readers:
        world.crew.signal_process(pid, signal.SIGSTOP)
    stop.wait(fault.seconds)
    for pid in readers:
        world.crew.signal_process(pid, signal.SIGCONT)


def _kill_all(world: World, _fault: PlannedFault, _stop: threading.Event) -> None:
    for name in world.crew.children:
        world.crew.kill(name)


def _storm(stage: str, world: World, fault: PlannedFault, stop: threading.Event) -> None:
    """A third worker joins and leaves again and again: cleanly, and killed."""
    chance = chance_of(fault)
    over = threading.Timer(fault.seconds, stop.set)
    over.start()
    third = world.crew.make(f"{stage}-third")
    try:
        while not stop.is_set():
            third.start()
            stop.wait(chance.uniform(*STORM_SECONDS))
            third.kill() if chance.random() < 0.5 else third.stop()
    finally:
        over.cancel()
        third.stop()


INJECTIONS: Mapping[str, Injection] = {
    **{f"{stage} killed": partial(_kill, stage) for stage in STAGES},
    **{f"{stage} terminated": partial(_terminate, stage) for stage in STAGES},
    **{f"{stage} frozen": partial(_freeze, stage) for stage in STAGES},
    "page reader killed": _kill_readers,
    "page reader frozen": _freeze_readers,
    "every worker killed": _kill_all,
    "annotate rebalance storm": partial(_storm, "annotate"),
    "ingest rebalance storm": partial(_storm, "ingest"),
}
