"""Duplicate detection: finds the original of which an article is a copy, among the articles of the last days.

In: Signatures of articles of one language, in order of arrival. Out: for each a Match with its original, or None.

Exact copies are found by their content hash, near and partial ones by the sampled shingles that two texts share
(docs/decisions/0006, 0017). A copy always names the root: the original that is no copy itself, which is the article
that was published first. When the original arrives after its copies, these become copies of it.

`find` decides but changes nothing; `add` changes but decides nothing, so the index can be rebuilt by `add` alone.
Memory: about 12 bytes for each shingle hash, in days that are dropped as a whole.
"""

from collections.abc import Iterator
from typing import NamedTuple

from enrich.copies.containment import (
    BRIEF_SHINGLES,
    Similarity,
    SketchSizes,
    classify_copy,
    compute_similarity,
    numbers_differ,
    titles_agree,
)
from enrich.copies.copy_candidates import SharedHashes, find_candidates
from enrich.copies.daily_articles import DailyArticles, StoredArticle
from enrich.copies.shingle_index import MAX_UNSORTED
from enrich.copies.shingles import LEAD_SAMPLING, SAMPLING, decode_sketch, extract_title_words, pack_codes, unpack_codes
from pipeline.messages import DuplicateKind, EarlierCopy, Fingerprint

DAY_SECONDS = 86_400.0
POSITION_BITS = 32
# the lowest bytes of the hashes that are sampled in leads, and in whole texts
LEAD_SAMPLED_BYTES, SAMPLED_BYTES = bytes(range(0, 256, LEAD_SAMPLING)), bytes(range(0, 256, SAMPLING))
MIN_OWN_TEXT = 0.1  # share: a partial copy with more text of its own is evidence of its site's boilerplate too


class Signature(NamedTuple):
    """What an article's copies are found by. `day` is the day of its arrival, in days since 1970."""

    id: str
    content_hash: str
    sketch: bytes
    published: float  # seconds
    day: int
    numbers: bytes = b""  # codes, as from `shingles.pack_codes`
    source: str = ""  # "" when it is not known
    title: bytes = b""  # codes of its words, as from `shingles.pack_codes`


class Copy(NamedTuple):
    """What makes an article a copy: its original (a root), the kind of copy, and how alike the two are (0 to 1)."""

    duplicate_of: str
    duplicate_kind: DuplicateKind
    resemblance: float
    containment: float


class Match(NamedTuple):
    """The stored article that matches best (`matched`: the original or a copy of it), and what follows from that.

    `copy` is None when the new article is an original that arrives after its copies: `copies` are then the article that
    was taken for the original before, and the copies of that.
    """

    matched: str
    copy: Copy | None
    copies: tuple[EarlierCopy, ...] = ()


class _Candidate(NamedTuple):
    article: StoredArticle
    kind: DuplicateKind
    similarity: Similarity


def build_signature(fingerprint: Fingerprint, published: float, day: int) -> Signature:
    """The signature of the article that has this fingerprint; `published` in seconds, `day` of its arrival."""
    return Signature(
        fingerprint.id,
        fingerprint.content_hash,
        fingerprint.sketch,
        published,
        day,
        fingerprint.number_codes or pack_codes(fingerprint.numbers),  # without codes: written before 2026-11-24
        fingerprint.source,
        fingerprint.title_codes or pack_codes(extract_title_words(fingerprint.title)),
    )


class DuplicateIndex:
    """The articles of one language of the last `days` days; up to `max_unsorted` hashes of a day stay unsorted."""

    def __init__(self, days: int, max_unsorted: int = MAX_UNSORTED) -> None:
        self._days_kept = days
        self._max_unsorted = max_unsorted
        self._days: dict[int, DailyArticles] = {}
        self._located: dict[str, int] = {}  # article -> day and position in one number, which takes half of a pair
        self._latest_by_content: dict[int, str] = {}  # content key -> the latest article with this content
        self._copies_by_root: dict[str, list[str]] = {}
        self._latest_day = 0

    def __len__(self) -> int:
        return len(self._located)

    def find(self, signature: Signature) -> Match | None:
        """The original of which an article is a copy, or the stored articles that are its copies; None without a match.

        An article never matches itself nor its own copies. Of several matches, exact and near ones come before partial
        ones, then the earliest published, then the order of source and id. Changes nothing.
        """
        found = list(self._find_exact(signature))
        root = self._stored_article(found[0].article.root) if found else None
        if root is None or _published_before(signature, root):
            found += self._find_similar(signature)
        if not found:
            return None
        best = min(found, key=lambda each: _rank(each.kind, each.article))
        return self._late_original(signature, found, best.article.root) or _match(best)

    def add(self, signature: Signature, root: str, partial: float | None = None) -> None:
        """Stores an article, in place of its earlier revision.

        `root` is its original, or its own id when it is no copy; `partial` is the containment of a partial copy.
        """
        self._remove(signature.id)
        is_evidence = root == signature.id or (partial is not None and partial < 1 - MIN_OWN_TEXT)
        article = StoredArticle(
            signature.id,
            root,
            _content_key(signature),
            signature.published,
            _sketch_sizes(signature.sketch),
            signature.source,
            signature.title,
            signature.numbers,
        )
        if signature.day not in self._days:
            self._days[signature.day] = DailyArticles(self._max_unsorted)
        day = self._days[signature.day]
        position = day.add(article, signature.sketch, is_evidence)
        self._located[signature.id] = signature.day << POSITION_BITS | position
        self._latest_by_content[article.content] = signature.id
        if root != signature.id:
            self._copies_by_root.setdefault(root, []).append(signature.id)

    def reassign_copies(self, root: str, copies: tuple[EarlierCopy, ...]) -> None:
        """Makes stored articles copies of `root`, an original that arrived after them."""
        for each in copies:
            if each.id in self._located:
                day, position = self._place(each.id)
                self._leave_group(each.id, day.roots[position])
                day.roots[position] = root
                self._copies_by_root.setdefault(root, []).append(each.id)

    def advance(self, day: int) -> None:
        """Drops the days that are out of the window on `day`, and compacts the index of the latest day before it."""
        for old in [each for each in self._days if each < day - self._days_kept]:
            for article in [id_ for id_ in self._days[old].ids if id_ is not None]:
                self._remove(article)
            del self._days[old]
        if self._latest_day in self._days and day > self._latest_day:
            self._days[self._latest_day].shingles.compact()
        self._latest_day = max(day, self._latest_day)

    # --- finding ---

    def _find_exact(self, signature: Signature) -> Iterator[_Candidate]:
        article = self._stored_article(self._latest_by_content.get(_content_key(signature), ""))
        if article is None or signature.id in (article.id, article.root):
            return
        days_apart = abs((self._located[article.id] >> POSITION_BITS) - signature.day)
        if days_apart <= self._days_kept and not _is_site_placeholder(signature, article):
            yield _Candidate(article, "exact", Similarity(1.0, 1.0, True))

    def _find_similar(self, signature: Signature) -> Iterator[_Candidate]:
        hashes = decode_sketch(signature.sketch)
        days = [day for number, day in self._days.items() if abs(number - signature.day) <= self._days_kept]
        for article, shared in find_candidates(hashes, signature.source, days):
            if signature.id not in (article.id, article.root):
                found = _judge_candidate(signature, _sketch_sizes(signature.sketch), article, shared)
                if found:
                    yield found

    def _late_original(self, signature: Signature, found: list[_Candidate], root_id: str) -> Match | None:
        """The match of an original that arrives after `root_id`, which was taken for the original until now."""
        by_id = {each.article.id: each for each in found}
        if root_id not in by_id or not _published_before(signature, by_id[root_id].article):
            return None
        group = [root_id, *(id_ for id_ in self._copies_by_root.get(root_id, ()) if id_ in by_id)]
        return Match(root_id, None, tuple(_copied_message(by_id[id_]) for id_ in group))

    def _stored_article(self, id_: str) -> StoredArticle | None:
        if id_ not in self._located:
            return None
        day, position = self._place(id_)
        return day.get(position)

    def _place(self, id_: str) -> tuple[DailyArticles, int]:
        at = self._located[id_]
        return self._days[at >> POSITION_BITS], at & ((1 << POSITION_BITS) - 1)

    # --- removing ---

    def _remove(self, id_: str) -> None:
        article = self._stored_article(id_)
        if article is None:
            return
        day, position = self._place(id_)
        day.ids[position] = None
        del self._located[id_]
        if self._latest_by_content.get(article.content) == id_:
            del self._latest_by_content[article.content]
        self._leave_group(id_, article.root)

    def _leave_group(self, id_: str, root: str) -> None:
        group = self._copies_by_root.get(root, [])
        if id_ in group:
            group.remove(id_)
            if not group:
                del self._copies_by_root[root]


def _content_key(signature: Signature) -> int:
    """64 bits of Python's own string hash. It differs from process to process, so it must not be stored elsewhere."""
    return hash(signature.content_hash) & 0xFFFF_FFFF_FFFF_FFFF


def _judge_candidate(
    signature: Signature, sizes: SketchSizes, article: StoredArticle, shared: SharedHashes
) -> _Candidate | None:
    """The stored article with the kind of copy that one is of the other; None when neither is a copy."""
    ours = _subtract_sizes(sizes, shared.our_boilerplate)
    theirs = _subtract_sizes(article.sizes, shared.their_boilerplate)
    similarity = compute_similarity(shared.sizes, ours, theirs)
    both_short, short = bool(ours.full and theirs.full), bool(ours.full or theirs.full)
    kind = classify_copy(similarity, short)
    if kind is None or _numbers_differ(similarity, signature, article, both_short):
        return None
    shortest = min((each.full for each in (ours, theirs) if each.full), default=BRIEF_SHINGLES)
    if shortest < BRIEF_SHINGLES and not _titles_agree(signature, article):
        return None
    return None if _is_site_placeholder(signature, article) else _Candidate(article, kind, similarity)


def _subtract_sizes(sizes: SketchSizes, left_out: SketchSizes) -> SketchSizes:
    return SketchSizes(*(max(0, each - less) for each, less in zip(sizes, left_out, strict=True)))


def _numbers_differ(similarity: Similarity, signature: Signature, article: StoredArticle, short: bool) -> bool:
    return numbers_differ(similarity, unpack_codes(signature.numbers), unpack_codes(article.numbers), short)


def _titles_agree(signature: Signature, article: StoredArticle) -> bool:
    return titles_agree(unpack_codes(signature.title), unpack_codes(article.title))


def _is_site_placeholder(signature: Signature, article: StoredArticle) -> bool:
    """Whether both are a text that a site shows in place of articles (a paywall): short, under different titles."""
    if not signature.source or signature.source != article.source or not article.sizes.full:
        return False
    return not _titles_agree(signature, article)


def _published_before(signature: Signature, article: StoredArticle) -> bool:
    """Whether it was published before the stored article. A date without a time of day is not earlier on that day."""
    ours, theirs = signature.published, article.published
    if ours % DAY_SECONDS == 0 or theirs % DAY_SECONDS == 0:
        return ours // DAY_SECONDS < theirs // DAY_SECONDS
    return ours < theirs


def _rank(kind: DuplicateKind, article: StoredArticle) -> tuple[bool, float, str, str]:
    return kind == "partial", article.published, article.source, article.id


def _match(candidate: _Candidate) -> Match:
    similarity = round(candidate.similarity.resemblance, 4), round(candidate.similarity.containment, 4)
    return Match(candidate.article.id, Copy(candidate.article.root, candidate.kind, *similarity))


def _copied_message(candidate: _Candidate) -> EarlierCopy:
    return EarlierCopy(
        id=candidate.article.id,
        duplicate_kind=candidate.kind,
        resemblance=round(candidate.similarity.resemblance, 4),
        containment=round(candidate.similarity.containment, 4),
    )


def _sketch_sizes(sketch: bytes) -> SketchSizes:
    lowest = sketch[: len(sketch) // 8 * 8 : 8]  # byte of each hash
    total = len(lowest)
    lead = total - len(lowest.translate(None, LEAD_SAMPLED_BYTES))
    sampled = total - len(lowest.translate(None, SAMPLED_BYTES))
    return SketchSizes(total if lead < total else 0, lead, sampled)
