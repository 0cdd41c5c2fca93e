"""Copy decision: from what two texts have in common, decides whether one is a near copy or a partial copy of the other.

In: how many shingle hashes two sketches have and share, and the codes of the numbers and title words of both articles.
Out: the resemblance and containment of the two texts, the kind of copy (or None), and vetoes. Pure functions.

Resemblance is the share of the shingles of both texts that both have, containment the share of the smaller text's
shingles that the other has too (Broder 1997). The bounds were chosen on stories/allsides of the corpus: reports of one
event that quote one text at length have a containment of up to 0.6, but a resemblance below 0.25; copies of which one
word in ten was changed have a containment of 0.6 too, and a resemblance above 0.3 (docs/decisions/0017).
"""

from collections.abc import Set
from typing import NamedTuple

from pipeline.messages import DuplicateKind

NEAR_RESEMBLANCE = 0.6  # from which a copy is a near copy
# A copy is partial from one of these bounds of containment ...
PARTIAL_CONTAINMENT = 0.64
PARTIAL_CONTAINMENT_SAME_LEAD = 0.4  # both begin alike: a copy that is cut or extended does, a quotation does not
PARTIAL_CONTAINMENT_SHORT = 0.7  # one of the two is short: all its shingles are in its sketch
# ... or of resemblance, which finds texts that are reworded here and there
PARTIAL_RESEMBLANCE = 0.28
PARTIAL_RESEMBLANCE_SHORT = 0.45
SAME_LEAD_SHARE = 0.5  # of the shingles that are sampled in leads only: from this share on two texts begin alike
MIN_SHARED = 3  # hashes; fewer may be chance
MIN_SHARED_SMALL_SKETCH = 2  # the same when a sketch has less than SMALL_SKETCH hashes
SMALL_SKETCH = 12
BRIEF_SHINGLES = 40  # a text with fewer (its title included) says so little that its title decides too
TITLE_AGREEMENT = 0.6  # share of the words of the shorter title that the other must have
TEMPLATE_MIN_NUMBERS = 4  # numbers of each text from which on they must agree
TEMPLATE_AGREEMENT = 0.34  # share of these numbers that must be the same


class SketchSizes(NamedTuple):
    """Numbers of hashes in a sketch, or in what two sketches share: in full (all shingles of a short text, 0 for a
    longer one), sampled at the density of leads, and sampled at the density of whole texts.
    """

    full: int
    lead: int
    sampled: int


class Similarity(NamedTuple):
    """How alike two texts are: resemblance and containment (0 to 1), whether they share more hashes than may be chance,
    and whether both begin alike.
    """

    resemblance: float
    containment: float
    significant: bool
    same_lead: bool = False


NO_SIMILARITY = Similarity(0.0, 0.0, False)


def compute_similarity(shared: SketchSizes, ours: SketchSizes, theirs: SketchSizes) -> Similarity:
    """How alike two texts are. Two short ones are compared by all their shingles, others by those that both sample."""
    if ours.full and theirs.full:
        return _similarity(shared.full, ours.full, theirs.full)
    same_lead = _begin_alike(*(each.lead - each.sampled for each in (shared, ours, theirs)))
    sampled = _similarity(shared.sampled, ours.sampled, theirs.sampled)._replace(same_lead=same_lead)
    short = ours if ours.full else theirs
    if not short.full or not short.lead:
        return sampled
    # the short one may be the beginning of the other, of which more is sampled
    containment, significant = min(1.0, shared.lead / short.lead), _is_significant(shared.lead, short.lead)
    lead = Similarity(sampled.resemblance, containment, significant, same_lead)
    return max(sampled, lead, key=lambda each: (each.significant, each.containment))


def classify_copy(similarity: Similarity, short: bool) -> DuplicateKind | None:
    """The kind of copy that two texts are by their similarity: "near", "partial", or None.

    `short` says that the sketch of at least one of them has all its shingles.
    """
    if not similarity.significant:
        return None
    if similarity.resemblance >= NEAR_RESEMBLANCE:
        return "near"
    long_bound = PARTIAL_CONTAINMENT_SAME_LEAD if similarity.same_lead else PARTIAL_CONTAINMENT
    if similarity.containment >= (PARTIAL_CONTAINMENT_SHORT if short else long_bound):
        return "partial"
    return (
        "partial" if similarity.resemblance >= (PARTIAL_RESEMBLANCE_SHORT if short else PARTIAL_RESEMBLANCE) else None
    )


def numbers_differ(similarity: Similarity, ours: Set[int], theirs: Set[int], short: bool) -> bool:
    """Whether two texts are one template filled with different figures, such as match results, prices or weather.

    `ours` and `theirs` are codes of the numbers in each text. Two short texts (`short`) differ when each has a number
    that the other lacks; longer ones that are alike as wholes must agree in a third of their numbers.
    """
    if short:
        return bool(ours - theirs and theirs - ours)
    if similarity.resemblance < PARTIAL_RESEMBLANCE or min(len(ours), len(theirs)) < TEMPLATE_MIN_NUMBERS:
        return False
    return len(ours & theirs) < TEMPLATE_AGREEMENT * min(len(ours), len(theirs))


def titles_agree(ours: Set[int], theirs: Set[int]) -> bool:
    """Whether most words of the shorter title (given as codes) are in the other; always true when a title is empty."""
    return len(ours & theirs) >= TITLE_AGREEMENT * min(len(ours), len(theirs))


def _similarity(shared: int, ours: int, theirs: int) -> Similarity:
    smaller = min(ours, theirs)
    if shared <= 0 or smaller <= 0:
        return NO_SIMILARITY
    resemblance, containment = shared / max(shared, ours + theirs - shared), min(1.0, shared / smaller)
    return Similarity(resemblance, containment, _is_significant(shared, smaller))


def _begin_alike(shared: int, ours: int, theirs: int) -> bool:
    return shared >= max(MIN_SHARED_SMALL_SKETCH, SAME_LEAD_SHARE * min(ours, theirs))


def _is_significant(shared: int, smaller: int) -> bool:
    return shared >= (MIN_SHARED_SMALL_SKETCH if smaller < SMALL_SKETCH else MIN_SHARED)
