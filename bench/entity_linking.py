"""Which names meet across documents: `python -m bench.entity_linking [ARTICLES]`, a few minutes.

Articles of ../shared/corpus pass the stages' own code, in order. Spellings meet in one key by rule
(enrich/entities/name_keys), and names are linked by what earlier articles named (enrich/entities/entity_linking).
Printed are how many of both, and a sample of each to be judged by eye. The sample is drawn by hash, so it is the same
in each run.
"""

import hashlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.corpus.articles import annotate_all, place_all, read_articles
from enrich import gazetteer
from pipeline.messages import Annotated
from pipeline.settings import ROOT, load

FILES = ("stories/allsides.jsonl.gz", "background/articles.jsonl.gz")
SAMPLE = 40


class LinkedName(NamedTuple):
    """A name of an article that was linked to one of an earlier article."""

    key: str
    linked_key: str
    title: str

    def __str__(self) -> str:
        return f"{self.key} -> {self.linked_key}   [{self.title[:80]}]"


def spellings_by_key(found: Iterable[Annotated]) -> dict[str, Counter[str]]:
    """How often each spelling was found, for each key that has several, whatever their case."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for article in found:
        for entity in article.entities:
            forms[entity.key][gazetteer.normalise_phrase(entity.name)] += 1
    return {key: counts for key, counts in forms.items() if len(counts) > 1}


def linked_names(before: Sequence[Annotated], after: Sequence[Annotated]) -> list[LinkedName]:
    """The names that have another key after their article was placed."""
    return [
        LinkedName(one.key, other.key, article.title)
        for article, linked in zip(before, after, strict=True)
        for one, other in zip(article.entities, linked.entities, strict=True)
        if one.key != other.key
    ]


def _sample(lines: Iterable[str]) -> list[str]:
    return sorted(sorted(set(lines), key=lambda line: hashlib.sha256(line.encode()).digest())[:SAMPLE])


def main() -> None:
    """Prints how many names meet, and samples of them."""
    corpus, options = ROOT.parent / "shared" / "corpus", load({}).enrich
    if not corpus.is_dir():
        print(f"skipped: {corpus} is not there")
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    for name in FILES:
        before = annotate_all(read_articles(Path(corpus, name), most), options.entity_words)
        after = [each.enriched for each in place_all(before, options)]
        by_rule, by_company = spellings_by_key(before), linked_names(before, after)
        surnames = sum(" " not in each.key for each in by_company)
        print(f"{name}: {len(before)} articles, {sum(len(each.entities) for each in before)} entities")
        print(f"  {len(by_rule)} keys with {sum(map(len, by_rule.values()))} spellings, such as")
        print("\n".join(f"    {line}" for line in _sample(f"{key}: {', '.join(by_rule[key])}" for key in by_rule)))
        print(f"  {len(by_company)} by company: {surnames} surnames, {len(by_company) - surnames} spellings, such as")
        print("\n".join(f"    {line}" for line in _sample(map(str, by_company))), flush=True)


if __name__ == "__main__":
    main()
