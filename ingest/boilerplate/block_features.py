"""Block features: describes every text block of a page by named numbers that a classifier can learn from. Pure.

In: the blocks of a page, and hints of what its article says (ArticleHints: trafilatura's text, the text in the JSON-LD
or the feed, title and summaries). Out: BlockFeatures: one column for each feature, with one number for each block,
mostly 0 or 1.

The names of the features are the keys of the weights in block_classifier.json. Which features speak for a block and
which against it is learnt (training/train_block_classifier), never written here.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.boilerplate import boilerplate_phrases
from ingest.boilerplate.adjacent_features import compute_adjacent_features, compute_shared_beginnings
from ingest.boilerplate.ancestor_features import ANCESTOR_TAGS, NAME_GROUPS, ElementContext, element_contexts
from ingest.boilerplate.blocks import Block
from ingest.boilerplate.feature_columns import LONG_WORDS, SENTENCE_WORDS, SHORT_WORDS, Column, FeatureColumns
from ingest.boilerplate.word_count import WORD_WIDTH

WORD = re.compile(r"\w+")
SENTENCE_END = re.compile(r"[.!?…。！？।۔][\"”“»«’'」』)\]]*$")
TIME = re.compile(r"\b(19|20)\d\d\b|\d{1,2}[:.h]\d\d|\b\d{1,2}[./]\d{1,2}[./]")
SYMBOL = re.compile(r"[©|»›→►▶•]|https?://|www\.|@\w")
# the dateline, where a report was written: "BERLIN (dpa) - ", "Essen. ", "PARIS —"
DATELINE = re.compile(
    r"[A-ZÄÖÜÉÅØ][\w'’-]+(?:[ /][A-Z]\S+){0,2},?(?: [A-Z][a-z]{2,4}\.? \d+)?(?: ?\([^()]{2,25}\))?"
    r"(?:\.| ?[-–—:]+) +(?=\S)"
)
HEAD_LETTERS = 160  # upper case, digits, times and symbols are looked for in so many first characters of a block
# features with a second weight for pages that do not say that they are an article (ArticleHints.claims_article)
UNCLAIMED_PAGE_FEATURES = (
    "bias", "text", "in text", "long, not in text", "short, in text", "tag li", "tag p", "tag div", "tag cell",
    "in main",
    "kin in text", "linked", "ends as a sentence", "short, no sentence", "words",
)  # fmt: skip
TAG_FEATURES = {
    "p": "p", "h1": "h1", "li": "li", "blockquote": "blockquote", "td": "cell", "th": "cell", "figcaption": "caption",
    "caption": "caption", "div": "div", "button": "button", "dt": "dl", "dd": "dl", "section": "section",
    "article": "section", **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), "subheading"),
}  # fmt: skip


class HintText:
    """A text from another source (such as the feed), prepared for measuring how much of a block it contains."""

    def __init__(self, text: str) -> None:
        words = WORD.findall(text)
        self.count = len(words)
        self.words = frozenset(word.lower() for word in words)
        self._grams = set(zip(words, words[1:], words[2:], words[3:], strict=False))
        self._lines = {" ".join(WORD.findall(line)) for line in re.split(r"[\n|]", text)}

    def overlap(self, words: list[str]) -> float:
        """The share of a block's word 4-grams that this text has; 1 or 0 for a shorter block, if it is a line of it."""
        if len(words) < 4:
            return float(bool(words) and " ".join(words) in self._lines)
        grams = list(zip(words, words[1:], words[2:], words[3:], strict=False))
        return sum(gram in self._grams for gram in grams) / len(grams)

    def jaccard(self, words: Iterable[str]) -> float:
        """The Jaccard index of the sets of words, in lower case: 0 to 1."""
        own = {word.lower() for word in words}
        return len(own & self.words) / len(own | self.words) if own and self.words else 0.0


@dataclass(frozen=True)
class ArticleHints:
    """What other sources than the page's blocks say of its article; "" for what is not known."""

    trafilatura_text: str
    stated_body: str = ""  # the text in the JSON-LD or the feed, whichever is longer
    title: str = ""
    summaries: str = ""  # one a line
    claims_article: bool = True  # the page says that it is an article
    word_count: int = 0  # that the JSON-LD states; 0 where it states none


@dataclass(frozen=True)
class BlockFeatures:
    """The features of a page's blocks, and what the second pass of the classifier needs beside them."""

    columns: FeatureColumns
    sizes: Column  # of each block, in words
    # which blocks belong together: the number of each block's element, of the element around that, and of its kin
    group_ids: tuple[list[int], list[int], list[int]]


def compute_block_features(blocks: list[Block], hints: ArticleHints) -> BlockFeatures:
    """The features of every block of a page.

    Blocks are kin when their element, and the element around it, have the same tags and classes.
    """
    words = [WORD.findall(block.text) for block in blocks]
    # what the weights were learnt with; count_words, which knows ideographs, brought nothing here (0015)
    sizes = np.array([max(len(each), len(block.text) / WORD_WIDTH) for each, block in zip(words, blocks, strict=True)])
    contexts = element_contexts(blocks)
    linked = np.array([block.link_density for block in blocks])
    from_hints = _hint_features(blocks, words, sizes, hints)
    mass = sizes * (sizes >= LONG_WORDS) * (linked < 0.5)
    text_weight = mass * from_hints["text"]
    text_weight = text_weight if text_weight.any() else mass if mass.any() else sizes
    kin_ids = _number_distinct((each.signature, each.parent_signature) for each in contexts)
    columns = {
        "bias": np.ones(len(blocks)),
        **_text_features(blocks, words, sizes),
        **_phrase_features(words, sizes),
        **from_hints,
        **_position_features(blocks, contexts, text_weight, from_hints),
        **_kin_features(kin_ids, sizes, from_hints["text"], linked),
        **_element_features(contexts),
    }
    columns |= compute_adjacent_features(columns, kin_ids, sizes)
    columns |= {
        f"unclaimed {name}".rstrip(): columns[name] * (not hints.claims_article) for name in UNCLAIMED_PAGE_FEATURES
    }
    elements = _number_distinct(block.ancestors[-1] for block in blocks)
    parents = _number_distinct(block.ancestors[-2:][0] for block in blocks)
    return BlockFeatures(columns, sizes, (elements, parents, kin_ids))


def _number_distinct(things: Iterable[Any]) -> list[int]:
    """The things as numbers, equal things as the same one, counted from 0 in order of appearance."""
    numbers: dict[Any, int] = {}
    return [numbers.setdefault(thing, len(numbers)) for thing in things]


def _text_features(blocks: list[Block], words: list[list[str]], sizes: Column) -> FeatureColumns:
    """How a text is written: length, links, letters, punctuation, and whether the page repeats it."""
    texts = [block.text for block in blocks]
    heads = [text[:HEAD_LETTERS] for text in texts]
    upper = np.array([sum(map(str.isupper, head)) for head in heads])
    lower = np.array([sum(map(str.islower, head)) for head in heads])
    digits = np.array([sum(map(str.isdigit, head)) for head in heads])
    capitals = np.array([sum(word[0].isupper() for word in each[:30]) / max(1, len(each[:30])) for each in words])
    ends = _bools(SENTENCE_END.search(text[-6:]) for text in texts)
    linked, bold, italic = np.array([(block.link_density, block.bold_share, block.italic_share) for block in blocks]).T
    short, counts = sizes < LONG_WORDS, Counter(texts)
    seen: set[str] = set()
    again = [text in seen or bool(seen.add(text)) for text in texts]  # type: ignore[func-returns-value]
    return {
        "words": np.log1p(sizes), "words<4": sizes < 4, "words<10": (sizes >= 4) & (sizes < 10),
        "words<25": (sizes >= 10) & (sizes < 25), "words>=60": sizes >= 60,
        "linked": linked, "linked wholly": linked > 0.9, "bold": bold, "bold wholly": bold > 0.9,
        "italic": italic, "italic wholly": italic > 0.9,
        "pictured": _bools(block.follows_picture for block in blocks), **compute_shared_beginnings(words),
        "embedded": _bools(block.follows_embed for block in blocks),
        "ends as a sentence": ends, "ends with a colon": _bools(text.endswith((":", "：")) for text in texts),
        "short, no sentence": ~ends & short, "long, no sentence": ~ends & ~short,
        "asks": _bools(text.endswith(("?", "？")) for text in texts),
        "upper case": upper / (upper + lower + 1), "no lower case": (upper > 3) & (lower == 0),
        "digits": digits / np.array([len(head) for head in heads]), "capitals": capitals,
        "short, capitals": capitals * short,
        "short, a time": short & _bools(TIME.search(text[:HEAD_LETTERS]) for text in texts),
        "short, a sign": (sizes < 25) & _bools(SYMBOL.search(text[:HEAD_LETTERS]) for text in texts),
        "commas": np.array([text.count(",") for text in texts]) / (sizes + 1),
        "a comma": _bools("," in text for text in texts),
        "begins with a quote": _bools(text[0] in "\"“„«»‘'「『" for text in texts),
        "begins in lower case": _bools(text[0].islower() for text in texts),
        "begins with a sign": _bools(text[0] in "-–—•*([{" for text in texts),
        "a dateline": _bools(DATELINE.match(text) for text in texts),
        "begins with a label": _bools(":" in text[:25] for text in texts),
        "a bar": _bools("|" in text for text in texts),
        "short, a bracket": short & _bools("(" in text for text in texts),
        "said before": _bools(again) & (sizes >= 3), "said twice": _bools(counts[text] > 1 for text in texts),
        "long, said twice": _bools(counts[text] > 1 for text in texts) & (sizes >= 8),
    }  # fmt: skip


def _phrase_features(words: list[list[str]], sizes: Column) -> FeatureColumns:
    """Which groups of boilerplate phrases a text uses, anywhere and at its beginning."""
    groups = boilerplate_phrases.PHRASE_GROUPS
    found = [boilerplate_phrases.find_phrases(each) for each in words]
    anywhere = _bit_columns("says", [each for each, _ in found], groups)
    short = {f"short, {name}": column * (sizes < SENTENCE_WORDS) for name, column in anywhere.items()}
    return {**anywhere, **short, **_bit_columns("begins with", [each for _, each in found], groups)}


def _hint_features(blocks: list[Block], words: list[list[str]], sizes: Column, hints: ArticleHints) -> FeatureColumns:
    """How much of a text the other sources have: trafilatura, the stated body, the summaries, the title."""
    text, body = HintText(hints.trafilatura_text), HintText(hints.stated_body)
    title, summaries = HintText(hints.title), HintText(hints.summaries)
    lines = [HintText(line) for line in hints.summaries.split("\n") if line]
    has_body = body.count > 80
    in_text = np.array([text.overlap(each) for each in words])
    in_body = np.array([body.overlap(each) if has_body else 0.0 for each in words])
    sums = np.array([summaries.overlap(each) if len(each) >= 6 else 0.0 for each in words])
    like = np.array(
        [max((each.jaccard(own) for each in lines), default=0.0) if 6 <= len(own) < 120 else 0.0 for own in words]
    )
    named = np.array([title.jaccard(each) if len(each) < 40 else 0.0 for each in words])
    headings = _bools(block.ancestors[-1].tag == "h1" for block in blocks)
    return {
        "text": in_text, "in text": in_text > 0.8, "short, in text": (in_text > 0.8) & (sizes < SHORT_WORDS),
        "long, not in text": (in_text < 0.2) & (sizes >= 15),
        "body": in_body, "not in body": has_body & (in_body < 0.3),
        "long, not in body": has_body & (in_body < 0.3) & (sizes > 15),
        "in body": has_body & (in_body > 0.8),
        "in a summary": sums, "like a summary": like, "a summary": like > 0.7,
        "like the title": named, "the title": named > 0.8, "the title, h1": (named > 0.8) & headings,
    }  # fmt: skip


def _position_features(
    blocks: list[Block], contexts: list[ElementContext], text_weight: Column, from_hints: FeatureColumns
) -> FeatureColumns:
    """Where a text is on the page, relative to the title, and to the element that holds most of the text (`main`)."""
    count, at = len(blocks), np.arange(len(blocks))
    mass: dict[Any, float] = {}
    for block, weight in zip(blocks, text_weight, strict=True):
        for element in block.ancestors if weight else ():
            mass[element] = mass.get(element, 0.0) + float(weight)
    main = _main_element(blocks, mass, 0.7 * float(text_weight.sum()))
    depths = np.array(
        [len(block.ancestors) - 1 - block.ancestors.index(main) if main in block.ancestors else -1 for block in blocks]
    )
    inside = depths >= 0
    first, last = first_and_last(inside)
    text_first, text_last = first_and_last((from_hints["text"] > 0.5) & (text_weight > 0))
    titles = np.nonzero(from_hints["like the title"] > 0.6)[0]
    best = int(titles[np.argmax(from_hints["like the title"][titles])]) if len(titles) else -1
    shares = [[mass.get(block.ancestors[-level:][0], 0.0) for block in blocks] for level in (1, 2, 3)]
    parent, grand, great = (np.array(each) / max(mass.values(), default=1.0) for each in shares)
    below = [contexts[i].innermost_groups(int(depth)) if depth >= 0 else 0 for i, depth in enumerate(depths)]
    return {
        "position": at / count, "before the title": (best >= 0) & (at < best),
        "after the title": (best >= 0) & (at > best),
        "after the title by": np.log1p(np.maximum(0, at - best)) * (best >= 0), "no title": np.full(count, best < 0),
        "in main": inside, "before main": at < first, "after main": at > last,
        **{f"in main at {depth}": depths == depth for depth in range(4)}, "in main at 4+": depths >= 4,
        "before text": at < text_first, "after text": at > text_last,
        "before text by": np.log1p(np.maximum(0, text_first - at)),
        "after text by": np.log1p(np.maximum(0, at - text_last)),
        "in main before text": inside & (at < text_first), "in main after text": inside & (at > text_last),
        "mass of element": parent, "mass of parent": grand, "mass of grandparent": great,
        "most in parent": grand > 0.6, "little in parent": grand < 0.1,
        **_bit_columns("in main within", below, NAME_GROUPS),
    }  # fmt: skip


def _main_element(blocks: list[Block], mass: dict[Any, float], least: float) -> Any:
    """The innermost element that holds at least `least` of the text's mass, in words; None where there is none."""
    stacks = (block.ancestors for block in blocks if mass.get(block.ancestors[0], 0.0) >= least)
    deep = [(at, element) for stack in stacks for at, element in enumerate(stack) if mass.get(element, 0.0) >= least]
    return max(deep, key=lambda each: each[0])[1] if deep else None


def first_and_last(mask: Any) -> tuple[int, int]:
    """The positions of the first and the last block for which the mask is true; of all blocks where it never is."""
    at = np.nonzero(mask)[0]
    return (int(at[0]), int(at[-1])) if len(at) else (0, len(mask) - 1)


def _kin_features(kin_ids: list[int], sizes: Column, in_text: Column, linked: Column) -> FeatureColumns:
    """What is true of all blocks with the same tags and classes (kin) together."""
    count = np.bincount(kin_ids)[kin_ids]
    words, text, links = (np.bincount(kin_ids, each)[kin_ids] for each in (sizes, sizes * in_text, sizes * linked))
    total = sizes.sum()
    return {
        "kin in text": text / (words + 1), "kin of the page": words / total, "kin linked": links / (words + 0.1),
        "kin count": np.log1p(count), "other kin of the page": (words - sizes) / total, "kin words": words / count / 50,
    }  # fmt: skip


def _element_features(contexts: list[ElementContext]) -> FeatureColumns:
    """The elements that a text lies in: their tags, names, and whether they are hidden."""
    tags = [TAG_FEATURES.get(each.tag, "other") for each in contexts]
    return {
        **{f"tag {name}": _bools(tag == name for tag in tags) for name in sorted({*TAG_FEATURES.values(), "other"})},
        **_bit_columns("within", [each.tags for each in contexts], ANCESTOR_TAGS),
        "hidden": _bools(each.hidden for each in contexts),
        "itemprop articleBody": _bools(each.in_article_body for each in contexts),
        **_bit_columns("called", [each.own_groups for each in contexts], NAME_GROUPS),
    }  # fmt: skip


def _bit_columns(prefix: str, masks: list[int], names: Iterable[str]) -> FeatureColumns:
    """Bit masks -> a column of 0 and 1 for each bit, named by `names` in the order of the bits."""
    array = np.array(masks, dtype=np.int64)
    return {f"{prefix} {name}": ((array >> bit) & 1).astype(float) for bit, name in enumerate(names)}


def _bools(values: Iterable[Any]) -> Any:
    return np.fromiter(map(bool, values), dtype=np.bool_)
