"""Which names meet across documents: `python -m bench.entity_linking [ARTICLES]`, a few minutes.

Articles of ../shared/corpus go through the stages' own code, in order: what each spells differently meets in one key by
rule (enrich/entities/name_keys), and what only other articles tell by the company of names
(enrich/entities/entity_linking). Printed are how many, and a sample of both to be judged by eye: the sample is drawn by
hash, so it is the same in each run.
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


class Met(NamedTuple):
    """A name of an article that was taken for an earlier one."""

    key: str
    meant: str
    title: str

    def __str__(self) -> str:
        return f"{self.key} -> {self.meant}   [{self.title[:80]}]"


def spellings(found: Iterable[Annotated]) -> dict[str, Counter[str]]:
    """The forms of each key that has more than one, whatever their case."""
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for article in found:
        for entity in article.entities:
            forms[entity.key][gazetteer.plain(entity.name)] += 1
    return {key: counts for key, counts in forms.items() if len(counts) > 1}


def met(before: Sequence[Annotated], after: Sequence[Annotated]) -> list[Met]:
    """What has another key after it was placed."""
    return [
        Met(one.key, other.key, article.title)
        for article, known in zip(before, after, strict=True)
        for one, other in zip(article.entities, known.entities, strict=True)
        if one.key != other.key
    ]


def _sample(lines: Iterable[str]) -> list[str]:
    return sorted(sorted(set(lines), key=lambda line: hashlib.sha256(line.encode()).digest())[:SAMPLE])


def main() -> None:
    """Prints how many names meet, and samples."""
    corpus, options = ROOT.parent / "shared" / "corpus", load({}).enrich
    if not corpus.is_dir():
        print(f"skipped: {corpus} is not there")
        return
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    for name in FILES:
        before = annotate_all(read_articles(Path(corpus, name), most), options.entity_words)
        after = [each.enriched for each in place_all(before, options)]
        by_rule, by_company = spellings(before), met(before, after)
        surnames = sum(" " not in each.key for each in by_company)
        print(f"{name}: {len(before)} articles, {sum(len(each.entities) for each in before)} entities")
        print(f"  {len(by_rule)} keys with {sum(map(len, by_rule.values()))} spellings, such as")
        print("\n".join(f"    {line}" for line in _sample(f"{key}: {', '.join(by_rule[key])}" for key in by_rule)))
        print(f"  {len(by_company)} by company: {surnames} surnames, {len(by_company) - surnames} spellings, such as")
        print("\n".join(f"    {line}" for line in _sample(map(str, by_company))), flush=True)


if __name__ == "__main__":
    main()
