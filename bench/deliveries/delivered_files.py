"""Prints what is read of the ninjs and NewsML-G2 files in folders: item by item, and how often each field is found.

In: folders, such as the examples of IPTC's own repositories (docs/decisions/0031 says which). Out: on standard output a
line for each file, one for each entry, and at the end the counts. Nothing of the files is kept.
"""

import sys
from collections import Counter
from pathlib import Path

from ingest.deliveries.folder import SUFFIXES
from ingest.feeds.entry import Entry
from ingest.feeds.parse import parse_feed

URL = "https://agency.example/wire"
FIELDS = ("title", "summary", "content", "authors", "published", "updated", "language", "tags", "image", "url")
SHOWN = 60  # characters of a name


def main() -> None:
    """Reads every file in the folders that are named on the command line."""
    folders = [Path(each) for each in sys.argv[1:]]
    if not folders:
        raise SystemExit("usage: python -m bench.deliveries.delivered_files FOLDER ...")
    formats: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    entries: list[Entry] = []
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES):
        feed = parse_feed(path.read_bytes(), URL, {})
        formats[feed.version or "not read"] += 1
        left_out.update(feed.left_out)
        entries.extend(feed.entries)
        kinds = ", ".join(f"{count} {kind}" for kind, count in feed.left_out.items())
        print(f"{path.name[:SHOWN]:60} {feed.version:9} {len(feed.entries)} entries  {kinds}  {feed.error or ''}")
        for each in feed.entries:
            print(f"    {_line(each)}")
    print(f"\nfiles      {_counts(formats)}")
    print(f"no article {_counts(left_out)}")
    print(f"entries    {len(entries)}: {_counts(Counter(_found(entries)))}")


def _line(entry: Entry) -> str:
    told = entry.delivery
    version = f"version {told.version} {told.status}" if told else ""
    paragraphs = entry.content.count("\n") + 1 if entry.content else 0
    size = f"{len(entry.content)} characters in {paragraphs} paragraphs"
    return (
        f"{entry.identity[:SHOWN]} | {entry.title[:SHOWN]} | {version} | {entry.published} | {entry.authors} | {size}"
    )


def _found(entries: list[Entry]) -> list[str]:
    return [name for entry in entries for name in FIELDS if getattr(entry, name)]


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted.most_common())


if __name__ == "__main__":
    main()
