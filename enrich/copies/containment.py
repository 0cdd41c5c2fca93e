"""What two texts share -> of what kind of copy one is of the other, if any. Pure: numbers in, a verdict out.

The bounds were chosen on stories/allsides of the corpus: reports of one event that quote one text at length have up to
0.6 of the smaller one in common, but resemble each other by less than 0.25; copies of which one word in ten was changed
have 0.6 in common too, and resemble each other by more than 0.3 (docs/decisions/0017).
"""

from collections.abc import Set
from typing import NamedTuple

from pipeline.messages import DuplicateKind

NEAR = 0.6  # resemblance
ALIKE = 0.28  # resemblance of texts of which one is worded anew here and there
ALIKE_SHORT = 0.45
CONTAINED = 0.64  # containment
CONTAINED_BEGUN = 0.4  # where they begin alike: what is cut and lengthened keeps its beginning, what quotes does not
BEGUN = 0.5  # of the shingles that are sampled of beginnings alone
CONTAINED_SHORT = 0.7  # where one of the two keeps every shingle because it is short
LEAST_SHARED = 3
LEAST_SHARED_SMALL = 2  # of a sketch of less than SMALL hashes
SMALL = 12
ITEM = 40  # shingles: what has fewer, its title included, is an item: its title decides
TITLES_AGREE = 0.6  # of the words of the shorter title
TEMPLATE_NUMBERS = 4  # numbers in both texts from which they must agree
TEMPLATE_AGREEMENT = 0.34


class Sizes(NamedTuple):
    """Hashes of a text: all shingles of a short one (0 of a longer one), those sampled as in leads, and everywhere."""

    full: int
    lead: int
    kept: int


class Likeness(NamedTuple):
    """Shares of the shingles of both, and of the smaller; if that is more than chance; if both begin alike."""

    resemblance: float
    containment: float
    enough: bool
    begun: bool = False


NONE = Likeness(0.0, 0.0, False)


def likeness(shared: Sizes, mine: Sizes, theirs: Sizes) -> Likeness:
    """How alike two texts are. Two short ones are compared by all their shingles, others by those that both sample."""
    if mine.full and theirs.full:
        return _likeness(shared.full, mine.full, theirs.full)
    begun = _begun(*(each.lead - each.kept for each in (shared, mine, theirs)))
    sampled = _likeness(shared.kept, mine.kept, theirs.kept)._replace(begun=begun)
    short = mine if mine.full else theirs
    if not short.full or not short.lead:
        return sampled
    # the short one may be the beginning of the other, of which more is sampled
    lead = Likeness(sampled.resemblance, min(1.0, shared.lead / short.lead), _enough(shared.lead, short.lead), begun)
    return max(sampled, lead, key=lambda each: (each.enough, each.containment))


def kind(found: Likeness, short: bool) -> DuplicateKind | None:
    """Near, partial, or no copy. `short`: one of the two keeps every shingle."""
    if not found.enough:
        return None
    if found.resemblance >= NEAR:
        return "near"
    if found.containment >= (CONTAINED_SHORT if short else CONTAINED_BEGUN if found.begun else CONTAINED):
        return "partial"
    return "partial" if found.resemblance >= (ALIKE_SHORT if short else ALIKE) else None


def numbers_differ(found: Likeness, ours: Set[int], theirs: Set[int], short: bool) -> bool:
    """Whether two texts are one template filled with different figures: results, prices, weather.

    Of two short texts each must not have a number that the other lacks; longer ones that are alike as wholes must agree
    in a third of their numbers.
    """
    if short:
        return bool(ours - theirs and theirs - ours)
    if found.resemblance < ALIKE or min(len(ours), len(theirs)) < TEMPLATE_NUMBERS:
        return False
    return len(ours & theirs) < TEMPLATE_AGREEMENT * min(len(ours), len(theirs))


def titles_agree(ours: Set[int], theirs: Set[int]) -> bool:
    """Whether most words of the shorter title are in the other; where one has none, titles say nothing."""
    return len(ours & theirs) >= TITLES_AGREE * min(len(ours), len(theirs))


def _likeness(shared: int, mine: int, theirs: int) -> Likeness:
    smaller = min(mine, theirs)
    if shared <= 0 or smaller <= 0:
        return NONE
    return Likeness(shared / max(shared, mine + theirs - shared), min(1.0, shared / smaller), _enough(shared, smaller))


def _begun(shared: int, mine: int, theirs: int) -> bool:
    return shared >= max(LEAST_SHARED_SMALL, BEGUN * min(mine, theirs))


def _enough(shared: int, smaller: int) -> bool:
    return shared >= (LEAST_SHARED_SMALL if smaller < SMALL else LEAST_SHARED)
