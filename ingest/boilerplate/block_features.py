"""Blocks -> marks: what can be seen of every text of a page, as numbers with names. Pure.

In: the blocks of a page, and what else is known of its article (trafilatura's text, the JSON-LD's or the feed's, its
title and summaries). Out: named columns, one number for every block, mostly 0 or 1. Which marks speak for a text and
which against it is learnt (training/train_block_classifier), never written here.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingest.boilerplate import boilerplate_phrases
from ingest.boilerplate.adjacent_features import beginnings, beside
from ingest.boilerplate.ancestor_features import ANCESTORS, GROUPS, Around, surroundings
from ingest.boilerplate.blocks import Block
from ingest.boilerplate.feature_columns import LONG, SENTENCE, SHORT, Column, Columns
from ingest.boilerplate.word_count import WORD_WIDTH

WORD = re.compile(r"\w+")
SENTENCE_END = re.compile(r"[.!?…。！？।۔][\"”“»«’'」』)\]]*$")
TIME = re.compile(r"\b(19|20)\d\d\b|\d{1,2}[:.h]\d\d|\b\d{1,2}[./]\d{1,2}[./]")
SIGN = re.compile(r"[©|»›→►▶•]|https?://|www\.|@\w")
# "BERLIN (dpa) - ", "Essen. ", "PARIS —": where a report was written
DATELINE = re.compile(
    r"[A-ZÄÖÜÉÅØ][\w'’-]+(?:[ /][A-Z]\S+){0,2},?(?: [A-Z][a-z]{2,4}\.? \d+)?(?: ?\([^()]{2,25}\))?"
    r"(?:\.| ?[-–—:]+) +(?=\S)"
)
LOOKED_AT = 160  # characters of a text in which its letters are counted
# what may mean something else on a page that does not say that it is an article
UNCLAIMED = (
    "bias", "text", "in text", "long, not in text", "short, in text", "tag li", "tag p", "tag div", "tag cell",
    "in main",
    "kin in text", "linked", "ends as a sentence", "short, no sentence", "words",
)  # fmt: skip
TAGS = {
    "p": "p", "h1": "h1", "li": "li", "blockquote": "blockquote", "td": "cell", "th": "cell", "figcaption": "caption",
    "caption": "caption", "div": "div", "button": "button", "dt": "dl", "dd": "dl", "section": "section",
    "article": "section", **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), "subheading"),
}  # fmt: skip


class Told:
    """A text that stands beside the page: how much of a block is in it."""

    def __init__(self, text: str) -> None:
        words = WORD.findall(text)
        self.count = len(words)
        self.words = frozenset(word.lower() for word in words)
        self._grams = set(zip(words, words[1:], words[2:], words[3:], strict=False))
        self._lines = {" ".join(WORD.findall(line)) for line in re.split(r"[\n|]", text)}

    def share(self, words: list[str]) -> float:
        """Of a block's 4-grams; a text of less is there as a whole line, or not."""
        if len(words) < 4:
            return float(bool(words) and " ".join(words) in self._lines)
        grams = list(zip(words, words[1:], words[2:], words[3:], strict=False))
        return sum(gram in self._grams for gram in grams) / len(grams)

    def likeness(self, words: Iterable[str]) -> float:
        """Jaccard's index of the words."""
        own = {word.lower() for word in words}
        return len(own & self.words) / len(own | self.words) if own and self.words else 0.0


@dataclass(frozen=True)
class Known:
    """What is known of an article beside its page's blocks; "" for what is not."""

    text: str  # trafilatura's
    body: str = ""  # the JSON-LD's or the feed's
    title: str = ""
    summaries: str = ""  # one a line
    claimed: bool = True  # the page says that it is an article


@dataclass(frozen=True)
class Marked:
    """Blocks with their marks, and what the second look needs."""

    columns: Columns
    sizes: Column  # in words
    places: tuple[list[int], ...]  # for every block the number of its element, of the one around, of its kind


def marked(found: list[Block], known: Known) -> Marked:
    """The marks of every block."""
    words = [WORD.findall(block.text) for block in found]
    # what the weights were learnt with; size_of, which knows ideographs, brought nothing here (0015)
    sizes = np.array([max(len(each), len(block.text) / WORD_WIDTH) for each, block in zip(words, found, strict=True)])
    around = surroundings(found)
    linked = np.array([block.linked for block in found])
    told = _told(found, words, sizes, known)
    mass = sizes * (sizes >= LONG) * (linked < 0.5)
    weighed = mass * told["text"]
    weighed = weighed if weighed.any() else mass if mass.any() else sizes
    kinds = _numbers((each.kind, each.parent_kind) for each in around)
    columns = {
        "bias": np.ones(len(found)),
        **_shape(found, words, sizes),
        **_phrases(words, sizes),
        **told,
        **_place(found, around, weighed, told),
        **_kin(kinds, sizes, told["text"], linked),
        **_neighbourhood(around),
    }
    columns |= beside(columns, kinds, sizes)
    columns |= {f"unclaimed {name}".rstrip(): columns[name] * (not known.claimed) for name in UNCLAIMED}
    elements = _numbers(block.stack[-1] for block in found)
    parents = _numbers(block.stack[-2:][0] for block in found)
    return Marked(columns, sizes, (elements, parents, kinds))


def _numbers(things: Iterable[Any]) -> list[int]:
    known: dict[Any, int] = {}
    return [known.setdefault(thing, len(known)) for thing in things]


def _shape(found: list[Block], words: list[list[str]], sizes: Column) -> Columns:
    """What a text looks like."""
    texts = [block.text for block in found]
    heads = [text[:LOOKED_AT] for text in texts]
    upper = np.array([sum(map(str.isupper, head)) for head in heads])
    lower = np.array([sum(map(str.islower, head)) for head in heads])
    digits = np.array([sum(map(str.isdigit, head)) for head in heads])
    capitals = np.array([sum(word[0].isupper() for word in each[:30]) / max(1, len(each[:30])) for each in words])
    ends = _is(SENTENCE_END.search(text[-6:]) for text in texts)
    linked, bold, italic = np.array([(block.linked, block.bold, block.italic) for block in found]).T
    short = sizes < LONG
    counts = Counter(texts)
    seen: set[str] = set()
    again = [text in seen or bool(seen.add(text)) for text in texts]  # type: ignore[func-returns-value]
    return {
        "words": np.log1p(sizes), "words<4": sizes < 4, "words<10": (sizes >= 4) & (sizes < 10),
        "words<25": (sizes >= 10) & (sizes < 25), "words>=60": sizes >= 60,
        "linked": linked, "linked wholly": linked > 0.9, "bold": bold, "bold wholly": bold > 0.9,
        "italic": italic, "italic wholly": italic > 0.9, "pictured": _is(block.pictured for block in found),
        "embedded": _is(block.embedded for block in found), **beginnings(words),
        "ends as a sentence": ends, "ends with a colon": _is(text.endswith((":", "：")) for text in texts),
        "short, no sentence": ~ends & short, "long, no sentence": ~ends & ~short,
        "asks": _is(text.endswith(("?", "？")) for text in texts),
        "upper case": upper / (upper + lower + 1), "no lower case": (upper > 3) & (lower == 0),
        "digits": digits / np.array([len(head) for head in heads]), "capitals": capitals,
        "short, capitals": capitals * short,
        "short, a time": short & _is(TIME.search(text[:LOOKED_AT]) for text in texts),
        "short, a sign": (sizes < 25) & _is(SIGN.search(text[:LOOKED_AT]) for text in texts),
        "commas": np.array([text.count(",") for text in texts]) / (sizes + 1),
        "a comma": _is("," in text for text in texts),
        "begins with a quote": _is(text[0] in "\"“„«»‘'「『" for text in texts),
        "begins in lower case": _is(text[0].islower() for text in texts),
        "begins with a sign": _is(text[0] in "-–—•*([{" for text in texts),
        "a dateline": _is(DATELINE.match(text) for text in texts),
        "begins with a label": _is(":" in text[:25] for text in texts), "a bar": _is("|" in text for text in texts),
        "short, a bracket": short & _is("(" in text for text in texts),
        "said before": _is(again) & (sizes >= 3), "said twice": _is(counts[text] > 1 for text in texts),
        "long, said twice": _is(counts[text] > 1 for text in texts) & (sizes >= 8),
    }  # fmt: skip


def _phrases(words: list[list[str]], sizes: Column) -> Columns:
    """What a text says that stands beside articles everywhere."""
    said = [boilerplate_phrases.said(each) for each in words]
    anywhere = _bits("says", [each for each, _ in said], boilerplate_phrases.GROUPS)
    short = {f"short, {name}": column * (sizes < SENTENCE) for name, column in anywhere.items()}
    return {**anywhere, **short, **_bits("begins with", [each for _, each in said], boilerplate_phrases.GROUPS)}


def _told(found: list[Block], words: list[list[str]], sizes: Column, known: Known) -> Columns:
    """What others say of a text."""
    text, body, title, summaries = (Told(each) for each in (known.text, known.body, known.title, known.summaries))
    lines = [Told(line) for line in known.summaries.split("\n") if line]
    has_body = body.count > 80
    in_text = np.array([text.share(each) for each in words])
    in_body = np.array([body.share(each) if has_body else 0.0 for each in words])
    sums = np.array([summaries.share(each) if len(each) >= 6 else 0.0 for each in words])
    like = np.array(
        [max((each.likeness(own) for each in lines), default=0.0) if 6 <= len(own) < 120 else 0.0 for own in words]
    )
    named = np.array([title.likeness(each) if len(each) < 40 else 0.0 for each in words])
    headings = _is(block.stack[-1].tag == "h1" for block in found)
    return {
        "text": in_text, "in text": in_text > 0.8, "short, in text": (in_text > 0.8) & (sizes < SHORT),
        "long, not in text": (in_text < 0.2) & (sizes >= 15),
        "body": in_body, "not in body": has_body & (in_body < 0.3),
        "long, not in body": has_body & (in_body < 0.3) & (sizes > 15),
        "in body": has_body & (in_body > 0.8),
        "in a summary": sums, "like a summary": like, "a summary": like > 0.7,
        "like the title": named, "the title": named > 0.8, "the title, h1": (named > 0.8) & headings,
    }  # fmt: skip


def _place(found: list[Block], around: list[Around], weighed: Column, told: Columns) -> Columns:
    """Where a text is: on the page, to the title, to the element that holds most of the text (`main`)."""
    count, at = len(found), np.arange(len(found))
    mass: dict[Any, float] = {}
    for block, weight in zip(found, weighed, strict=True):
        for element in block.stack if weight else ():
            mass[element] = mass.get(element, 0.0) + float(weight)
    main = _main(found, mass, 0.7 * float(weighed.sum()))
    depths = np.array(
        [len(block.stack) - 1 - block.stack.index(main) if main in block.stack else -1 for block in found]
    )
    inside = depths >= 0
    first, last = span(inside)
    text_first, text_last = span((told["text"] > 0.5) & (weighed > 0))
    titles = np.nonzero(told["like the title"] > 0.6)[0]
    best = int(titles[np.argmax(told["like the title"][titles])]) if len(titles) else -1
    share = [[mass.get(block.stack[-level:][0], 0.0) for block in found] for level in (1, 2, 3)]
    parent, grand, great = (np.array(each) / max(mass.values(), default=1.0) for each in share)
    below = [around[i].below(int(depth)) if depth >= 0 else 0 for i, depth in enumerate(depths)]
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
        **_bits("in main within", below, GROUPS),
    }  # fmt: skip


def _main(found: list[Block], mass: dict[Any, float], least: float) -> Any:
    """The innermost element that holds at least so much."""
    stacks = (block.stack for block in found if mass.get(block.stack[0], 0.0) >= least)
    deep = [(at, element) for stack in stacks for at, element in enumerate(stack) if mass.get(element, 0.0) >= least]
    return max(deep, key=lambda each: each[0])[1] if deep else None


def span(which: Any) -> tuple[int, int]:
    """The first and the last of the blocks that are meant."""
    at = np.nonzero(which)[0]
    return (int(at[0]), int(at[-1])) if len(at) else (0, len(which) - 1)


def _kin(kinds: list[int], sizes: Column, in_text: Column, linked: Column) -> Columns:
    """The texts of one kind (same tags and classes, of the element and the one around): what is true of them all."""
    count = np.bincount(kinds)[kinds]
    words, text, links = (np.bincount(kinds, each)[kinds] for each in (sizes, sizes * in_text, sizes * linked))
    total = sizes.sum()
    return {
        "kin in text": text / (words + 1), "kin of the page": words / total, "kin linked": links / (words + 0.1),
        "kin count": np.log1p(count), "other kin of the page": (words - sizes) / total, "kin words": words / count / 50,
    }  # fmt: skip


def _neighbourhood(around: list[Around]) -> Columns:
    """The elements that a text lies in."""
    tags = [TAGS.get(each.tag, "other") for each in around]
    return {
        **{f"tag {name}": _is(tag == name for tag in tags) for name in sorted({*TAGS.values(), "other"})},
        **_bits("within", [each.tags for each in around], ANCESTORS),
        "hidden": _is(each.hidden for each in around), "itemprop articleBody": _is(each.body for each in around),
        **_bits("called", [each.own for each in around], GROUPS),
    }  # fmt: skip


def _bits(prefix: str, masks: list[int], names: Iterable[str]) -> Columns:
    array = np.array(masks, dtype=np.int64)
    return {f"{prefix} {name}": ((array >> bit) & 1).astype(float) for bit, name in enumerate(names)}


def _is(found: Iterable[Any]) -> Any:
    return np.fromiter(map(bool, found), dtype=np.bool_)
