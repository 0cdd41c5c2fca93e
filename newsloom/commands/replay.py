"""`newsloom replay`: sends archived pages through the pipeline again, without the network.

In: WARC files, ours or others'. Out: their articles on Kafka, under the ids that they had before; a line for each
record that can't be read and each page that is no article, and a summary. An article on several pages waits for those
that follow its first one in the archive.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import click
from msgspec.structs import replace

from ingest.article import Origin, article_from_page
from ingest.belonging import page_address
from ingest.continuation import number_of, with_further_page
from ingest.frontier.visit_record import PageVisit, with_visit
from ingest.page.extract import Page, read_page
from ingest.pagination.next_page import Position
from ingest.sandbox.parser_processes import Limits, ParserBug, ParserProcesses
from ingest.urls import canonical_url, is_home_page
from ingest.web.archive import ArchivedPage, UnreadableRecord, read_archive
from ingest.web.opt_out import page_opt_outs
from newsloom import terminal
from newsloom.local_run import run_addresses
from pipeline.failures import Poison
from pipeline.kafka.publisher import EncodedMessage, OutgoingMessage, Publisher
from pipeline.messages import ARTICLES, Article
from pipeline.settings import Settings

BATCH = 32
MOST_WAITING = 1_000  # articles whose next page may come yet
T = TypeVar("T")


@click.command("replay")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@run_addresses.DATA_OPTION
@click.option("--revision", type=click.IntRange(min=1), default=1, show_default=True, help="Of the articles.")
def replay(files: tuple[Path, ...], data: Path, revision: int) -> None:
    """Send archived pages (FILES: WARC, gzipped by record) through the pipeline again.

    The articles keep their ids. What the poller knows of them is not asked: they are published as revision 1, so what
    the index has at a higher revision stays as it is, and what it lost comes back. After a change of the extractor,
    name a revision above those that are there. What only the feed said (its name, its summary, its date) is not in an
    archive. Repeating it is safe. Exit status 1 when there was nothing to publish.
    """
    outcomes = asyncio.run(_Replay(run_addresses.settings_with_addresses(data), revision).run(files))
    summary = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    terminal.say(f"{sum(outcomes.values())} records: {summary}" if outcomes else "no pages in these files")
    if not outcomes["published"]:
        raise SystemExit(1)


@dataclass(frozen=True, slots=True)
class _Skipped:
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Unfinished:
    """An article as far as it was read, with the record of its first page; `pages` is how many were read."""

    record: ArchivedPage
    page: Page
    pages: int = 1


class _Replay:
    def __init__(self, options: Settings, revision: int) -> None:
        self._options, self._revision = options, revision
        self._outcomes: Counter[str] = Counter()
        self._waiting: dict[str, _Unfinished] = {}  # by the address of the page that comes next

    async def run(self, files: Iterable[Path]) -> Counter[str]:
        """Replays the files; returns the number of records by outcome. Raises Unavailable."""
        knobs = self._options.ingest
        limits = Limits(knobs.extract_timeout_seconds, knobs.extract_memory_bytes)
        readers = ParserProcesses(knobs.extract_processes, limits)
        publisher = Publisher(self._options.kafka)
        try:
            for batch in _batches(record for file in files for record in read_archive(file)):
                pages = await asyncio.gather(*(self._read(record, readers) for record in batch))
                found = [await self._settle(*each, readers) for each in zip(batch, pages, strict=True)]
                await asyncio.to_thread(self._publish, publisher, [each for some in found for each in some])
            await asyncio.to_thread(self._publish, publisher, [self._article(each) for each in self._waiting.values()])
        finally:
            readers.close()
            publisher.close()
        return self._outcomes

    async def _read(self, record: ArchivedPage | UnreadableRecord, readers: ParserProcesses) -> Page | _Skipped:
        if isinstance(record, UnreadableRecord):
            return _Skipped("unreadable", str(record))
        if not 200 <= record.status < 300:
            return _Skipped("without a page", f"{record.url}: status {record.status}")
        if canonical_url(record.url) is None:
            return _Skipped("without a page", f"{record.url}: no http or https address of a usable length")
        try:
            page = await readers.call(read_page, record.body, record.url, dict(record.headers))
        except (Poison, ParserBug) as error:
            why = error.detail if isinstance(error, Poison) else str(error)
            return _Skipped("without an article", f"{record.url}: {why}")
        if is_home_page(page_address(page)):
            return _Skipped("without an article", f"{record.url}: a home page")
        return page

    async def _settle(
        self, record: ArchivedPage | UnreadableRecord, page: Page | _Skipped, readers: ParserProcesses
    ) -> list[Article | _Skipped]:
        """What is to be published now: nothing while an article may go on in a later record."""
        if isinstance(record, UnreadableRecord) or isinstance(page, _Skipped):
            return [page] if isinstance(page, _Skipped) else []
        waiting = self._waiting.pop(canonical_url(record.url) or "", None)
        joined = waiting and await _join(waiting, record, readers)
        if joined:
            self._outcomes["further pages"] += 1
            return self._publish_or_wait(joined)
        found = self._publish_or_wait(_Unfinished(record, page))
        return [self._article(waiting), *found] if waiting else found

    def _publish_or_wait(self, found: _Unfinished) -> list[Article | _Skipped]:
        """The article, or nothing while it waits for its next page; then that which waits longest, of too many."""
        address = canonical_url(found.page.next_url or "")
        follows = address and number_of(address, found.page) == found.pages + 1
        if address is None or not follows or found.pages >= self._options.ingest.article_pages:
            return [self._article(found)]
        self._waiting[address] = found
        oldest = next(iter(self._waiting))
        return [self._article(self._waiting.pop(oldest))] if len(self._waiting) > MOST_WAITING else []

    def _article(self, found: _Unfinished) -> Article:
        record, page = found.record, found.page
        origin = Origin("", page.site or "")
        article = article_from_page(page, None, origin, record.fetched_at, self._options.ingest.max_text_chars)
        article = with_visit(article, record.url, PageVisit(str(record.status), record.url))
        return replace(article, revision=self._revision, opt_outs=page_opt_outs(record.headers, {}, ()))

    def _publish(self, publisher: Publisher, found: Sequence[Article | _Skipped]) -> None:
        """Publishes the articles of a batch, and prints why the other records have none."""
        encoded = [_encode_or_skip(publisher, each) if isinstance(each, Article) else each for each in found]
        publisher.publish(each for each in encoded if isinstance(each, EncodedMessage))
        for each in encoded:
            if isinstance(each, _Skipped):
                terminal.complain(f"{each.outcome}: {each.detail}")
            self._outcomes[each.outcome if isinstance(each, _Skipped) else "published"] += 1


async def _join(waiting: _Unfinished, record: ArchivedPage, readers: ParserProcesses) -> _Unfinished | None:
    """The article with the page of a further record; None where that is another article's."""
    number = waiting.pages + 1
    position = Position((waiting.page.url, waiting.page.canonical_url), number)
    try:
        page = await readers.call(read_page, record.body, record.url, dict(record.headers), None, position)
    except (Poison, ParserBug):
        return None
    joined = with_further_page(waiting.page, page, number)
    return _Unfinished(waiting.record, joined, number) if joined else None


def _encode_or_skip(publisher: Publisher, article: Article) -> EncodedMessage | _Skipped:
    try:
        return publisher.encode(OutgoingMessage(ARTICLES, article))
    except Poison as poison:
        return _Skipped("too large", f"{article.url}: {poison.detail}")


def _batches(records: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(records)
    while batch := list(islice(remaining, BATCH)):
        yield batch
