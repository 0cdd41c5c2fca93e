"""Reads pages with a peer's library and says what it took. A program for the peer's own environment: no import of ours.

In: the library's name, the number of pages, and on standard input the pages' files, one a line. Out: one JSON object:
pages, CPU seconds, pages of which a text was found.
"""

import gzip
import importlib
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path


def newspaper4k() -> Callable[[str], str]:
    """A function that returns a page's text as newspaper4k reads it."""
    article = importlib.import_module("newspaper").article
    return lambda html: str(article("https://paper.example/news/1", input_html=html).text)


def news_please() -> Callable[[str], str]:
    """A function that returns a page's text as news-please reads it, without its pictures."""
    read = importlib.import_module("newsplease").NewsPlease.from_html
    return lambda html: str(read(html, url="https://paper.example/news/1", fetch_images=False).maintext or "")


READERS = {"newspaper4k": newspaper4k, "news-please": news_please}


def try_to_read(read: Callable[[str], str], html: str) -> bool:
    """Whether the page has a text; what the library fails on has none."""
    try:
        return bool(read(html))
    except Exception:
        return False


def main() -> None:
    """Prints the figures."""
    logging.disable()
    read = READERS[sys.argv[1]]()
    bodies = [gzip.decompress(Path(line.strip()).read_bytes()).decode("utf-8", "replace") for line in sys.stdin]
    try_to_read(read, bodies[0])  # the first page loads what all others use
    began = time.process_time()
    found = sum(try_to_read(read, body) for body in bodies)
    print(json.dumps({"pages": len(bodies), "seconds": time.process_time() - began, "found": found}))


if __name__ == "__main__":
    main()
