"""Source naming: how the sources of a story differ in what they call it, by the words that they use. Pure.

In: headlines with their source and language. Out: for each source its headline, the words that it uses more than the
others, and those that it leaves out. Sources are compared with others in their language alone.

How distinctive a word is: the log-odds ratio of its use by the source and by the others, with the story's own words as
a Dirichlet prior, as a z-score (Monroe, Colaresi, Quinn, "Fightin' Words", Political Analysis 16, 2008, section 3.5.1).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from enrich.stop_words import stop_words
from enrich.unspaced_scripts import UNSPACED
from pipeline.combining_marks import COMBINING_MARKS

MOST_OWN, MOST_LEFT_OUT = 6, 4  # words of a source that are shown
# a word of one headline that nobody else has comes to 0.9 in a story of two sources and to 1.3 in one of ten; one that
# half of the others have too to 0.5
LEAST_SCORE = 0.8
PRIOR_SHARE = 0.1  # what the prior counts for, of the story's own words
SHARE_LEFT_OUT = 0.5  # of the other sources that have a word which is left out
FEWEST_OTHERS = 2  # sources that have it
# with hyphens, dots and apostrophes within, as of names; combining marks, or Hindi and Tamil fall to pieces
WORD = re.compile(rf"[^\W\d_](?:[\w{COMBINING_MARKS}'’.-]*[\w{COMBINING_MARKS}])?")


class Headline(NamedTuple):
    """What a source called the story."""

    source: str
    title: str
    language: str


class Naming(NamedTuple):
    """A source's last headline, with the words that are its own and those that most others have and it has not."""

    headline: Headline
    own: tuple[str, ...]
    left_out: tuple[str, ...]


def compare_naming(headlines: Sequence[Headline]) -> tuple[Naming, ...]:
    """The naming of each source in each language, in the order in which they first appear; none for one that is alone.

    `headlines`: in their order of time, each text once.
    """
    by_language: dict[str, dict[str, list[Headline]]] = {}
    for each in headlines:
        by_language.setdefault(each.language, {}).setdefault(each.source, []).append(each)
    return tuple(found for sources in by_language.values() if len(sources) > 1 for found in _compare(sources))


def _compare(sources: Mapping[str, Sequence[Headline]]) -> Iterable[Naming]:
    counts = {name: Counter(word for each in told for word in words_of(each)) for name, told in sources.items()}
    whole = sum(counts.values(), Counter[str]())
    for name, told in sources.items():
        scores = score_words(counts[name], whole)
        own = [word for word, score in scores.items() if score >= LEAST_SCORE]
        own.sort(key=lambda word: -scores[word])
        others = [each for other, each in counts.items() if other != name]
        yield Naming(told[-1], tuple(own[:MOST_OWN]), tuple(_left_out(counts[name], others)))


def score_words(own: Mapping[str, int], whole: Mapping[str, int]) -> dict[str, float]:
    """How much more a source uses each of its words than the others do, as a z-score. `whole`: it and the others."""
    total, own_total = sum(whole.values()), sum(own.values())
    return {word: _z_score(count, own_total, whole[word], total) for word, count in own.items()}


def _z_score(count: int, own_total: int, all_count: int, total: int) -> float:
    prior, prior_total = PRIOR_SHARE * all_count, PRIOR_SHARE * total
    ours, theirs = count + prior, all_count - count + prior
    ours_rest = own_total + prior_total - ours
    theirs_rest = total - own_total + prior_total - theirs
    if ours_rest <= 0 or theirs_rest <= 0:
        return 0.0  # nobody has another word
    return (math.log(ours / ours_rest) - math.log(theirs / theirs_rest)) / math.sqrt(1 / ours + 1 / theirs)


def _left_out(own: Mapping[str, int], others: Sequence[Mapping[str, int]]) -> list[str]:
    having = Counter(word for each in others for word in each if word not in own)
    least = max(FEWEST_OTHERS, SHARE_LEFT_OUT * len(others))
    return [word for word, sources in having.most_common(MOST_LEFT_OUT) if sources >= least]


def words_of(headline: Headline) -> list[str]:
    """The words of a headline, each once: in lower case, without stop words; none of scripts without spaces."""
    known = stop_words(headline.language)
    found = (found[0].casefold().removesuffix("'s").removesuffix("’s") for found in WORD.finditer(headline.title))
    return list(
        dict.fromkeys(each for each in found if len(each) > 1 and each not in known and not UNSPACED.search(each))
    )
