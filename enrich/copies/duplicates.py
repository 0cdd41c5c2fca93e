"""Signatures in order of arrival -> whose copy each is, or nobody's; and what earlier ones are copies of it.

Exact copies are found by their content hash; the others by the sampled shingles that two texts share
(docs/decisions/0006, 0017). A copy names the root: the original that is no copy itself. That is the one published
first: when it comes after its copies, they become copies of it.

`find` decides and changes nothing; `add` changes and decides nothing, so a window can be built again by adding alone.
Memory: about 12 bytes for each shingle hash, in days that are dropped whole.
"""

from collections.abc import Iterator
from typing import NamedTuple

from enrich.copies.containment import ITEM, Likeness, Sizes, kind, likeness, numbers_differ, titles_agree
from enrich.copies.copy_candidates import Shared, shared_hashes
from enrich.copies.daily_articles import Article, Day
from enrich.copies.shingle_index import TAIL
from enrich.copies.shingles import LEAD_SAMPLING, SAMPLING, codes, from_bytes, read_codes, title_words
from pipeline.messages import DuplicateKind, EarlierCopy, Fingerprint

DAY_SECONDS = 86_400.0
PLACE_BITS = 32
IN_LEAD, EVERYWHERE = bytes(range(0, 256, LEAD_SAMPLING)), bytes(range(0, 256, SAMPLING))  # lowest bytes of hashes
OWN_TEXT = 0.1  # a partial copy with more of its own tells us what its site repeats


class Signature(NamedTuple):
    """What duplicates are found by. `day` is that of its arrival; `source` "" when it is not known."""

    id: str
    content_hash: str
    sketch: bytes
    published: float  # seconds
    day: int
    numbers: bytes = b""  # as from `codes`
    source: str = ""
    title: bytes = b""  # codes of its words


class Copy(NamedTuple):
    """What is said of a copy: its original (a root), of what kind it is, and how alike the two are."""

    duplicate_of: str
    duplicate_kind: DuplicateKind
    resemblance: float
    containment: float


class Match(NamedTuple):
    """What was found: the article in which it was recognised (the original or a copy of it), and what it is of it.

    `copy` is None for an original that comes late: `copies` are then what was taken for one before, and its copies.
    """

    recognised: str
    copy: Copy | None
    copies: tuple[EarlierCopy, ...] = ()


class _Found(NamedTuple):
    article: Article
    kind: DuplicateKind
    figures: Likeness


def signature(fingerprint: Fingerprint, published: float, day: int) -> Signature:
    """The signature of a remembered article."""
    return Signature(
        fingerprint.id,
        fingerprint.content_hash,
        fingerprint.sketch,
        published,
        day,
        fingerprint.number_codes or codes(fingerprint.numbers),  # without codes: written before 2026-11-24
        fingerprint.source,
        fingerprint.title_codes or codes(title_words(fingerprint.title)),
    )


class Window:
    """The articles of one language that arrived in the last `days` days. Up to `tail` hashes of a day stay unsorted."""

    def __init__(self, days: int, tail: int = TAIL) -> None:
        self._width = days
        self._tail = tail
        self._days: dict[int, Day] = {}
        self._at: dict[str, int] = {}  # article -> day and place, in one number: it takes half as much as a pair
        self._by_content: dict[int, str] = {}  # the latest article with this content
        self._groups: dict[str, list[str]] = {}  # root -> its copies
        self._latest = 0

    def __len__(self) -> int:
        return len(self._at)

    def find(self, signature: Signature) -> Match | None:
        """Whose copy this is, or what is a copy of this. Never its own, nor that of a copy of itself. Changes nothing.

        Of several originals a nearly whole one goes before a partial one, then the earliest published, then by source.
        """
        found = list(self._exact(signature))
        root = self._article(found[0].article.root) if found else None
        if root is None or _earlier(signature, root):
            found += self._alike(signature)
        if not found:
            return None
        best = min(found, key=lambda each: _rank(each.kind, each.article))
        return self._turned(signature, found, best.article.root) or _match(best)

    def add(self, signature: Signature, root: str, partial: float | None = None) -> None:
        """Puts an article in, in place of its earlier revision.

        `root` is its own id unless it is a copy; `partial` is the containment of a partial copy.
        """
        self._forget(signature.id)
        telling = root == signature.id or (partial is not None and partial < 1 - OWN_TEXT)
        article = Article(
            signature.id,
            root,
            _content(signature),
            signature.published,
            _sizes(signature.sketch),
            signature.source,
            signature.title,
            signature.numbers,
        )
        if signature.day not in self._days:
            self._days[signature.day] = Day(self._tail)
        day = self._days[signature.day]
        self._at[signature.id] = signature.day << PLACE_BITS | day.add(article, signature.sketch, telling)
        self._by_content[article.content] = signature.id
        if root != signature.id:
            self._groups.setdefault(root, []).append(signature.id)

    def turn(self, root: str, copies: tuple[EarlierCopy, ...]) -> None:
        """Makes earlier articles copies of `root`."""
        for each in copies:
            if each.id in self._at:
                day, place = self._place(each.id)
                self._leave(each.id, day.roots[place])
                day.roots[place] = root
                self._groups.setdefault(root, []).append(each.id)

    def advance(self, day: int) -> None:
        """Drops the days that are too old on `day`."""
        for old in [each for each in self._days if each < day - self._width]:
            for article in [id_ for id_ in self._days[old].ids if id_ is not None]:
                self._forget(article)
            del self._days[old]
        if self._latest in self._days and day > self._latest:
            self._days[self._latest].postings.close()
        self._latest = max(day, self._latest)

    # --- finding ---

    def _exact(self, signature: Signature) -> Iterator[_Found]:
        article = self._article(self._by_content.get(_content(signature), ""))
        if article is None or signature.id in (article.id, article.root):
            return
        if abs((self._at[article.id] >> PLACE_BITS) - signature.day) <= self._width and not _masks(signature, article):
            yield _Found(article, "exact", Likeness(1.0, 1.0, True))

    def _alike(self, signature: Signature) -> Iterator[_Found]:
        hashes = from_bytes(signature.sketch)
        days = [day for number, day in self._days.items() if abs(number - signature.day) <= self._width]
        for article, shared in shared_hashes(hashes, signature.source, days):
            if signature.id not in (article.id, article.root):
                found = _judged(signature, _sizes(signature.sketch), article, shared)
                if found:
                    yield found

    def _turned(self, signature: Signature, found: list[_Found], root_id: str) -> Match | None:
        """The match of an original that comes after `root_id`, which was taken for one."""
        by_id = {each.article.id: each for each in found}
        if root_id not in by_id or not _earlier(signature, by_id[root_id].article):
            return None
        group = [root_id, *(id_ for id_ in self._groups.get(root_id, ()) if id_ in by_id)]
        return Match(root_id, None, tuple(_copied(by_id[id_]) for id_ in group))

    def _article(self, id_: str) -> Article | None:
        if id_ not in self._at:
            return None
        day, place = self._place(id_)
        return day.article(place)

    def _place(self, id_: str) -> tuple[Day, int]:
        at = self._at[id_]
        return self._days[at >> PLACE_BITS], at & ((1 << PLACE_BITS) - 1)

    # --- forgetting ---

    def _forget(self, id_: str) -> None:
        article = self._article(id_)
        if article is None:
            return
        day, place = self._place(id_)
        day.ids[place] = None
        del self._at[id_]
        if self._by_content.get(article.content) == id_:
            del self._by_content[article.content]
        self._leave(id_, article.root)

    def _leave(self, id_: str, root: str) -> None:
        group = self._groups.get(root, [])
        if id_ in group:
            group.remove(id_)
            if not group:
                del self._groups[root]


def _content(signature: Signature) -> int:
    """64 bits of Python's own hash, which is another in each process: it stays in ours."""
    return hash(signature.content_hash) & 0xFFFF_FFFF_FFFF_FFFF


def _judged(signature: Signature, mine: Sizes, article: Article, shared: Shared) -> _Found | None:
    """Of what kind of copy one is of the other; None when it is none."""
    ours, theirs = _without(mine, shared.repeated), _without(article.sizes, shared.repeated_there)
    figures = likeness(shared.sizes, ours, theirs)
    both_short, short = bool(ours.full and theirs.full), bool(ours.full or theirs.full)
    judged = kind(figures, short)
    if judged is None or _numbers_differ(figures, signature, article, both_short):
        return None
    least = min((each.full for each in (ours, theirs) if each.full), default=ITEM)
    if least < ITEM and not _titles_agree(signature, article):
        return None
    return None if _masks(signature, article) else _Found(article, judged, figures)


def _without(sizes: Sizes, repeated: Sizes) -> Sizes:
    return Sizes(*(max(0, each - left_out) for each, left_out in zip(sizes, repeated, strict=True)))


def _numbers_differ(figures: Likeness, signature: Signature, article: Article, short: bool) -> bool:
    return numbers_differ(figures, read_codes(signature.numbers), read_codes(article.numbers), short)


def _titles_agree(signature: Signature, article: Article) -> bool:
    return titles_agree(read_codes(signature.title), read_codes(article.title))


def _masks(signature: Signature, article: Article) -> bool:
    """Whether both are what one site shows in place of different articles: a short text under different titles."""
    if not signature.source or signature.source != article.source or not article.sizes.full:
        return False
    return not _titles_agree(signature, article)


def _earlier(signature: Signature, article: Article) -> bool:
    """Whether it was published before the article. A date without a time of day says nothing about that day."""
    ours, theirs = signature.published, article.published
    if ours % DAY_SECONDS == 0 or theirs % DAY_SECONDS == 0:
        return ours // DAY_SECONDS < theirs // DAY_SECONDS
    return ours < theirs


def _rank(found: DuplicateKind, article: Article) -> tuple[bool, float, str, str]:
    return found == "partial", article.published, article.source, article.id


def _match(found: _Found) -> Match:
    figures = round(found.figures.resemblance, 4), round(found.figures.containment, 4)
    return Match(found.article.id, Copy(found.article.root, found.kind, *figures))


def _copied(found: _Found) -> EarlierCopy:
    return EarlierCopy(
        id=found.article.id,
        duplicate_kind=found.kind,
        resemblance=round(found.figures.resemblance, 4),
        containment=round(found.figures.containment, 4),
    )


def _sizes(sketch: bytes) -> Sizes:
    lowest = sketch[: len(sketch) // 8 * 8 : 8]  # byte of each hash
    every = len(lowest)
    lead, kept = every - len(lowest.translate(None, IN_LEAD)), every - len(lowest.translate(None, EVERYWHERE))
    return Sizes(every if lead < every else 0, lead, kept)
