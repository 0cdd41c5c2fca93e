"""Peers on the same pages: news-please and newspaper4k, which turn a page into an article and do nothing else.

In: files of pages. Out: CPU seconds of each. They are no dependencies of ours: each is installed, pinned, into a
temporary environment, where bench/whole/peer_reader runs.
"""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.whole.builds import environment

READER = Path(__file__).with_name("peer_reader.py")
# what each needs beside itself: both were written for an lxml that had its cleaner inside
PINNED = {
    "news-please": ("news-please==1.6.16", "lxml_html_clean==0.4.6"),
    "newspaper4k": ("newspaper4k==0.9.6", "lxml_html_clean==0.4.6"),
}


@dataclass(frozen=True, slots=True)
class PeerCost:
    """CPU seconds for so many pages, and of how many a text was found."""

    pages: int
    seconds: float
    found: int


@contextmanager
def installed_peers() -> Iterator[dict[str, Path]]:
    """The peers' Pythons, by name, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="newsloom-peers-") as folder:
        print("installing the peers, each in an environment of its own", flush=True)
        yield {name: environment(Path(folder) / name, *packages) for name, packages in PINNED.items()}


def measure_peer(name: str, python: Path, files: Sequence[Path]) -> PeerCost:
    """Lets a peer read the pages in a process of its own."""
    told = subprocess.run(
        [python, READER, name], input="\n".join(map(str, files)), capture_output=True, text=True, check=True
    )
    return PeerCost(**json.loads(told.stdout.splitlines()[-1]))
