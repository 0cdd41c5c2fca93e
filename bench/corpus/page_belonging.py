"""Belonging on real pages: is each page known for its own entry's, and refused for another's?
`python -m bench.corpus.page_belonging [CORPUS]`.

In: pages/fundus of the corpus. An entry is made of each page's true title, date and the first paragraph of its true
text (feeds that ship with the corpus do not have these pages). Each entry is put to its own page, and to every other
page of its site and to some of its language: where the entry's address leads without and with a redirect. Out: printed
shares of pages refused, with all that the entry says and with its title alone; and the likelihood ratios that the
weights of ingest/belonging are rounded from, counted on half of the sites, while the shares are of the other half.
"""

import argparse
import gzip
import hashlib
import json
import logging
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from ingest.belonging import WEIGHTS, judge
from ingest.feeds.entry import Entry
from ingest.page.extract import read_page
from ingest.page.page import Page
from ingest.urls import canonical_url, host_of, same_site
from pipeline.settings import ROOT

SUMMARY_CHARS = 250  # of a summary in a feed
OF_ITS_LANGUAGE = 5  # other pages for each entry, beside those of its site
COUNTED = ("headline", "title", "summary", "date", "claims")  # how evidence begins that is counted here


@dataclass(frozen=True)
class Labelled:
    """A page, and the entry that a feed would have for it."""

    page: Page
    entry: Entry

    @property
    def for_weights(self) -> bool:
        """Whether its site is of the half that weights are counted on."""
        return hashlib.sha256(host_of(self.page.url).encode()).digest()[0] % 2 == 0


Pair = tuple[Page, Entry]


def load_labelled(folder: Path) -> list[Labelled]:
    """The pages of a set with entries made of what is true of them."""
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Labelled(read_page(gzip.decompress((folder / row["file"]).read_bytes()), row["url"], {}), make_entry(row))
        for row in rows
        if row["title"]
    ]


def make_entry(row: dict[str, str]) -> Entry:
    """An entry as a feed would have it, of a row of truth.jsonl."""
    date = datetime.fromisoformat(row["date"]) if row["date"] else None
    return Entry(
        identity=row["id"],
        url=row["url"],
        title=row["title"],
        summary=row["text"].partition("\n")[0][:SUMMARY_CHARS],
        published=date if date is None or date.tzinfo else date.replace(tzinfo=UTC),
    )


def own_pairs(labelled: Iterable[Labelled]) -> list[Pair]:
    """Each page with its own entry."""
    return [(each.page, each.entry) for each in labelled]


def other_pairs(labelled: list[Labelled]) -> tuple[list[Pair], list[Pair]]:
    """Each entry with the other pages of its site, and with some of its language and another site."""
    of_site, of_language = [], []
    for at, one in enumerate(labelled):
        others = [each for each in labelled[at + 1 :] + labelled[:at] if each.entry.title != one.entry.title]
        site = [each for each in others if same_site(each.page.url, one.page.url)]
        language = [each for each in others if each.page.language == one.page.language and each not in site]
        of_site += [(each.page, one.entry) for each in site]
        of_language += [(each.page, one.entry) for each in language[:OF_ITS_LANGUAGE]]
    return of_site, of_language


def other_headline(pair: Pair) -> Pair:
    """The pair, where the page has a headline that has no word of the entry's title."""
    page, entry = pair
    return replace(page, headlines=("-",)), entry


def redirected(pair: Pair) -> Pair:
    """The pair, where the entry's address leads to the page by a redirect from the same site."""
    page, entry = pair
    return page, replace(entry, url=f"https://{host_of(page.url)}/feed/4711")


def in_place(pair: Pair) -> Pair:
    """The pair, where the entry's own address is answered with the page."""
    page, entry = pair
    return page, replace(entry, url=canonical_url(page.url) or page.url)


def title_alone(pair: Pair) -> Pair:
    """The pair, of a feed that tells nothing but titles."""
    page, entry = pair
    return page, replace(entry, summary="", published=None)


def refused_share(pairs: list[Pair]) -> float:
    """The share of pairs that are refused."""
    return sum(bool(judge(*pair).refused) for pair in pairs) / max(1, len(pairs))


def log_ratios(own: list[Pair], other: list[Pair]) -> dict[str, float]:
    """The decimal logarithm of how much oftener each piece of evidence is seen with own pairs; half a case is added."""
    mine, theirs = (Counter(each for pair in pairs for each in judge(*pair).evidence) for pairs in (own, other))
    return {
        name: math.log10((mine[name] + 0.5) / (len(own) + 1)) - math.log10((theirs[name] + 0.5) / (len(other) + 1))
        for name in WEIGHTS
        if name.startswith(COUNTED)
    }


def main() -> None:
    """Prints the shares and the ratios."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser(description="Is a page known for its entry's?")
    parser.add_argument("corpus", type=Path, nargs="?", default=ROOT.parent / "shared" / "corpus")
    labelled = load_labelled(parser.parse_args().corpus / "pages" / "fundus")
    held_out = [each for each in labelled if not each.for_weights]
    for name, known in (("held-out half of the sites", held_out), ("all sites", labelled)):
        print(f"{name}: {len(known)} pages")
        site, language = other_pairs(known)
        own = own_pairs(known)
        sets = (
            ("own page", own),
            ("own, other headline", [other_headline(pair) for pair in own]),
            ("another of the site", site),
            ("another of the language", language),
        )
        for what, pairs in sets:
            _print_shares(what, pairs)
    counted = [each for each in labelled if each.for_weights]
    others = [pair for pairs in other_pairs(counted) for pair in pairs]
    for evidence, ratio in log_ratios(own_pairs(counted), others).items():
        print(f"  {evidence:<22} counted {ratio:+.2f}  weight {WEIGHTS[evidence]:+.1f}")


def _print_shares(what: str, pairs: list[Pair]) -> None:
    behind, there = [redirected(pair) for pair in pairs], [in_place(pair) for pair in pairs]
    shares = {
        "behind a redirect": refused_share(behind),
        "title alone": refused_share([title_alone(pair) for pair in behind]),
        "in its place": refused_share(there),
        "title alone, in its place": refused_share([title_alone(pair) for pair in there]),
    }
    told = "  ".join(f"{name} {share:.3f}" for name, share in shares.items())
    print(f"  {what:<24} {len(pairs):>4} pairs, refused: {told}")


if __name__ == "__main__":
    main()
