"""One poll of one feed: ask it, read what is new, decide, act on the decision.

In: a feed's URL. Out: its next state in the state store, and what the poll came to. What is decided is decided in
ingest/poll_decision; which pages are fetched then, the state says.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from ingest import poll_decision
from ingest.deliveries import folder, folder_poll
from ingest.deliveries.folder import FolderFile
from ingest.deliveries.folder_poll import ReadFile
from ingest.discover import NEWS_PATHS
from ingest.feeds.entry import Entry, ParsedFeed
from ingest.feeds.parse import parse_feed
from ingest.frontier import child_sitemaps, known_entries, known_items, poll_history, schedule
from ingest.frontier.feed_silence import SilenceRules
from ingest.frontier.known_items import KnownItems
from ingest.frontier.poll_history import PollTiming
from ingest.hub_pages.hub_page import parse_hub_page
from ingest.poll_decision import Decision, Outcome, Poll, Rules
from ingest.publish import StateStore
from ingest.sandbox.parser_processes import ParserBug, ParserProcesses
from ingest.urls import folder_of
from ingest.web.client import WebClient
from ingest.web.fetch import Fetched, FetchError, FetchResult, NotModified, conditional_headers
from pipeline import observability
from pipeline.failures import Poison
from pipeline.messages import FeedState
from pipeline.settings import Ingest

HOUR_SECONDS = 3600.0


@dataclass
class FeedVisits:
    """Polls feeds. One event loop."""

    knobs: Ingest
    web: WebClient
    parsers: ParserProcesses
    store: StateStore
    folders: Path  # where watched folders lie that are no absolute paths

    def __post_init__(self) -> None:
        knobs = self.knobs
        self._plan = schedule.Plan(
            knobs.interval_seconds,
            knobs.interval_least_seconds,
            knobs.interval_most_seconds,
            knobs.retry_first_seconds,
            knobs.retry_most_seconds,
        )
        self._silence = SilenceRules(
            knobs.silence_certainty, knobs.silence_gap_factor, knobs.silence_least_hours * HOUR_SECONDS
        )
        self._rules = Rules(knobs.remember_entries, timedelta(days=knobs.move_after_days))
        self._known_items = KnownItems()

    def drop(self, urls: Iterable[str]) -> None:
        """Forgets feeds that are another poller's now."""
        self._known_items.drop(urls)

    async def visit(self, url: str) -> Outcome:
        """Polls a feed of ours and puts its next state into the state store."""
        if watched := folder_of(url):
            before = self.store[url]
            poll = await self._read_folder(before, self.folders / watched)
        else:
            conditional = poll_history.is_conditional(self.store[url], self.knobs.unconditional_every)
            answer = await self._ask(url, conditional)
            before = self.store[url]
            poll = await self._read(before, answer, conditional)
        decision = self._settle(url, poll)
        outcome = decision.outcome
        observability.CUT.inc(outcome.found.cut)
        if decision.check_validators:
            await self._check_validators(before)
        if decision.fill_gap:
            outcome = await self._fill_gap(before, outcome)
        self.store.change(url, lambda state: poll_decision.with_outcome(state, outcome, datetime.now(UTC)))
        return outcome

    def after_bug(self, url: str, error: Exception) -> Outcome:
        """A poll that raised what it should not: the feed is tried again later."""
        decision = poll_decision.after_error(self.store[url], "bug", repr(error), self._timing())
        self.store.change(url, lambda _: decision.state)
        return decision.outcome

    def _ask(self, url: str, conditional: bool) -> Awaitable[FetchResult]:
        """Not a coroutine: who waits for a host's turn must not hold a state that was unpacked for it."""
        state = self.store[url]
        validators = conditional_headers(state.etag, state.last_modified) if conditional else {}
        return self.web.get(poll_history.feed_address(state), self.knobs.max_feed_bytes, validators)

    def _settle(self, url: str, poll: Poll) -> Decision:
        """Decides, and puts the next state in its place."""
        decision = poll_decision.decide(self.store[url], poll, self._rules, self._timing())
        self.store.change(url, lambda _: decision.state)
        return decision

    def _timing(self) -> PollTiming:
        return PollTiming(self._plan, datetime.now(UTC), random.random(), self._silence)

    # --- reading ---

    async def _read(self, state: FeedState, answer: FetchResult, conditional: bool) -> Poll:
        """The answer, with what was read of it where its body is new."""
        if not isinstance(answer, Fetched) or not poll_decision.has_new_body(state, answer):
            return Poll(answer, conditional)
        known = self._known_items.known(state.url, known_entries.known_keys(state))
        if state.links is not None:
            return Poll(answer, conditional, await self._parse_as(parse_hub_page, answer, state.links))
        parsed = await self._read_feed(answer, known)
        if parsed.child_sitemaps:
            return await self._read_index(state, Poll(answer, conditional, parsed), datetime.now(UTC))
        if parsed.entries or parsed.item_digests or not parsed.error:
            self._known_items.note(state.url, parsed, known)
        return Poll(answer, conditional, parsed, known_items.unchanged_entries(parsed, known))

    async def _read_folder(self, state: FeedState, root: Path) -> Poll:
        """What is new in a watched folder."""
        try:
            listing = await asyncio.to_thread(folder.list_folder, root)
        except OSError as error:
            detail = f"{root}: {error.strerror or error}: make the folder readable, or correct the feed list"
            return Poll(FetchError("folder", detail), conditional=True)
        answer = Fetched(state.url, 200, {}, listing.digest())
        if not poll_decision.has_new_body(state, answer):
            return Poll(answer, conditional=True)
        read: list[ReadFile] = []
        unread = folder_poll.unread_files(listing, state.files)
        for each in folder_poll.files_of_a_poll(unread, self.knobs.max_feed_bytes):
            read.append(await self._read_file(state.url, root, each))
            if sum(len(known.parsed.entries) for known in read) > folder_poll.MOST_ENTRIES:
                break
        found = folder_poll.merge(listing, state.files, read, datetime.now(UTC))
        return Poll(answer, conditional=True, parsed=found.parsed, files=found.files)

    async def _read_file(self, url: str, root: Path, file: FolderFile) -> ReadFile:
        try:
            body = await asyncio.to_thread(folder.read_file, root, file.name, self.knobs.max_feed_bytes)
        except OSError as error:
            return folder_poll.failed_file(file, error)
        return ReadFile(file, await self._parse(Fetched(url, 200, {}, body)))

    async def _read_feed(self, answer: Fetched, known: Mapping[bytes, str]) -> ParsedFeed:
        """What the answer says, without what is known of it."""
        parsed = await self._parse(answer, frozenset(known))
        if known_items.is_ambiguous(parsed, known):
            parsed = await self._parse(answer)
        return parsed

    async def _read_index(self, state: FeedState, poll: Poll, now: datetime) -> Poll:
        """The poll of a sitemap index with the entries of those of its sitemaps whose turn it is."""
        index = poll.parsed or ParsedFeed()
        listed = child_sitemaps.listed_sitemaps(index.child_sitemaps)
        due = child_sitemaps.due_sitemaps(state, listed)
        asked, waiting = due[: child_sitemaps.MOST_READ], due[child_sitemaps.MOST_READ :]
        found = [await self._read_sitemap(child.url) for child in asked]
        failed = {child.url for child, each in zip(asked, found, strict=True) if each.error and not each.entries}
        parsed = child_sitemaps.merge(state, index, list(zip(asked, found, strict=True)))
        incomplete = bool(waiting or failed) or child_sitemaps.must_return(listed, now)
        parsed = replace(parsed, cut=parsed.cut + len(index.child_sitemaps) - len(listed), incomplete=incomplete)
        read = child_sitemaps.after_reading(state, listed, {child.url for child in asked}, failed, now)
        return dataclass_replace(poll, parsed=parsed, sitemaps=read)

    async def _read_sitemap(self, url: str) -> ParsedFeed:
        answer = await self.web.get(url, self.knobs.max_feed_bytes)
        if isinstance(answer, Fetched):
            return await self._parse(answer)
        detail = answer.detail if isinstance(answer, FetchError) else "not modified"
        return ParsedFeed(error=f"sitemap {url}: {detail}")

    async def _parse(self, answer: Fetched, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
        # the limit is of what is packed in it, too
        return await self._parse_as(parse_feed, answer, self.knobs.max_feed_bytes, known)

    async def _parse_as(self, parse: Callable[..., ParsedFeed], answer: Fetched, *more: object) -> ParsedFeed:
        """What one of the parsers says of an answer; what ends the parser is told as the feed's error."""
        try:
            return await self.parsers.call(parse, answer.body, answer.url, dict(answer.headers), *more)
        except (Poison, ParserBug) as error:
            return ParsedFeed(error=str(error))

    # --- what else is asked of the site ---

    async def _check_validators(self, before: FeedState) -> None:
        """The feed has changed. Does the server still answer 304 to the validators of the answer before?"""
        validators = conditional_headers(before.etag, before.last_modified)
        if not validators:
            return
        answer = await self.web.get(poll_history.feed_address(before), self.knobs.max_feed_bytes, validators)
        if isinstance(answer, NotModified):
            observability.DISTRUSTED.inc()
            self.store.change(before.url, lambda state: poll_history.after_false_304(state, datetime.now(UTC)))

    async def _fill_gap(self, before: FeedState, outcome: Outcome) -> Outcome:
        """Two answers share nothing: what came and went between them may still stand in the site's news sitemap."""
        observability.GAPS.inc()
        listed = await self._news_sitemap(before)
        missed = poll_decision.missed_since(before, listed, datetime.now(UTC))

        def filled(state: FeedState) -> FeedState:
            nonlocal outcome
            state, outcome = poll_decision.after_gap(state, outcome, missed, self._rules, datetime.now(UTC))
            return state

        self.store.change(before.url, filled)
        return outcome

    async def _news_sitemap(self, state: FeedState) -> tuple[Entry, ...]:
        """The entries of the site's news sitemap, the first that is one; none where there is none."""
        site = "/".join(poll_history.feed_address(state).split("/", 3)[:3])
        named = [each for each in await self.web.sitemaps(site) if "news" in each.lower()]
        for url in dict.fromkeys([*named, *(site + path for path in NEWS_PATHS)]):
            found = await self._read_sitemap(url)
            if found.kind == "news_sitemap":
                return found.entries
        return ()
