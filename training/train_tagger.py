"""Trains the tagger, and writes enrich/entities/tagger.json and enrich/entities/word_pieces.tsv anew: `python -m
training.train_tagger CORPUS MODEL FILE_OR_FOLDER... [--measure FILE_OR_FOLDER...]`, ten minutes.

CORPUS is ../shared/corpus; MODEL the folder that training/language_model_vectors.py reads; the others are free data
beside the corpus: Universal NER's English EWT (CC BY-SA 4.0, github.com/UniversalNER/UNER_English-EWT: dev and test,
and train as it was in the repository's first commit, 0c7ce0d), GUM's `dep` folder (annotations CC BY 4.0, texts of the
genres that are read CC BY or CC BY-SA; github.com/amir-zeldes/gum) and CrossNER's `ner_data` (MIT, of which conll2003
is left out; github.com/zliucr/CrossNER). `processed_annotated` of the English Worldwide Newswire
(github.com/stanfordnlp/en-worldwide-newswire) can be read too, but has no licence: it is measured on, not trained on
(docs/decisions/0016). Texts are read where they are; only the weights are written.

Of the corpus only two thirds of wikigold are trained on, chosen by the sentences' hashes: uner_pud_news and the last
third stay unseen, so the scores of bench/entities.py on them are fair. Settings were chosen with --measure: the files
behind it and the second third of wikigold are then measured on instead of trained on, and nothing is written.
"""

import base64
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.corpus.marked_names import PARTS, UNSEEN_PART, MarkedSentence, hash_part, read_marked
from bench.entities import PACKAGE
from bench.names.name_scores import score_names
from enrich import gazetteer
from enrich.entities import mentions, tagger, word_pieces
from enrich.entities.english import tagger_features
from enrich.entities.english.recogniser import pipeline_name, recognise
from training import language_model_vectors, word_class_corpora
from training.tagger_learner import TaggerLearner, TrainingRun

LEARNT_SET = "wikigold"
MEASURED_PART = 1  # the third of LEARNT_SET that --measure leaves out of training
MEASURE_OPTION = "--measure"
LONGEST_RUN = 14  # words; a longer run is not a name but a table
HEADLINE_WORDS = range(4, 15)
ONE_HEADLINE_OF = 4  # one of so many short sentences is trained on as a headline too
SMALL_WORDS = frozenset(
    ("a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
LOWER_CASE_WORD = re.compile(r"(?<![\w'’])[a-z]\w*")
ABOUT = (
    "A chain over words that may be names, learnt by training/train_tagger.py. "
    "Of each feature, for each tag the weight."
)
ABOUT_PIECES = """\
# What pieces of words say of names: 32 sums of the word vectors of all-MiniLM-L6-v2 (sentence-transformers,
# Apache-2.0), learnt by training/train_tagger.py. A piece ("##": it goes on with a word), and base64 of whole numbers
# of 8 bits.
"""


def read_sentences(path: Path) -> list[MarkedSentence]:
    """The sentences of a file or folder in any of the four forms."""
    files = word_class_corpora.find_files(path) if path.is_dir() else []
    return [each for file in files for each in word_class_corpora.read_sentences(file)] or read_marked(path)


def make_headlines(sentences: Sequence[MarkedSentence]) -> list[MarkedSentence]:
    """Some short sentences, capitalised as headlines are: few sets have headlines, where any word may be a name."""
    short = (each for each in sentences if len(each.tokens) in HEADLINE_WORDS and hash_part(each, ONE_HEADLINE_OF) == 0)
    return [each._replace(text=LOWER_CASE_WORD.sub(_capitalise, each.text)) for each in short]


def _capitalise(word: re.Match[str]) -> str:
    return word[0] if word[0] in SMALL_WORDS else word[0][0].upper() + word[0][1:]


def training_runs(sentences: Sequence[MarkedSentence]) -> Iterator[TrainingRun]:
    """The candidate runs of the sentences with their true tags."""
    known, around = gazetteer.phrase_kinds("en"), gazetteer.context_words()
    recognised = recognise([each.text for each in sentences], PACKAGE)
    for sentence, text in zip(sentences, recognised, strict=True):
        tags = _tags(text.words, text.starts, sentence)
        for run in tagger_features.candidate_runs(text, known, around):
            if run.end - run.start <= LONGEST_RUN:
                yield TrainingRun(run, _repair_tags(tags[run.start : run.end]), text.words, text.vectors)


def _tags(words: Sequence[str], starts: Sequence[int], sentence: MarkedSentence) -> list[int]:
    tags = [tagger.OUTSIDE] * len(words)
    for start, end, kind in sentence.names:
        inside = [at for at, begin in enumerate(starts) if begin < end and begin + len(words[at]) > start]
        for at in inside:
            tags[at] = tagger.TAGS.index(f"{'B' if at == inside[0] else 'I'}-{kind}")
    return tags


def _repair_tags(tags: list[int]) -> list[int]:
    """The tags of a run cut out of a sentence, where an inside tag that now follows none of its kind begins a name."""
    for at, tag in enumerate(tags):
        if not tagger.ALLOWED_TRANSITIONS[tags[at - 1] if at else tagger.OUTSIDE, tag]:
            tags[at] = tag - 1
    return tags


def print_scores(sets: Mapping[str, Sequence[MarkedSentence]], weights: tagger.TaggerWeights) -> None:
    """Prints the scores on each set of sentences, by its name."""
    for name, sentences in sets.items():
        texts = recognise([each.text for each in sentences], PACKAGE)
        found = [{tuple(each) for each in mentions.mentions_by_model(text, weights)} for text in texts]
        print(f"{name}, not learnt: {score_names(sentences, found)}", flush=True)


def write_weights(learner: TaggerLearner, layer: tagger.HiddenLayer, table: Mapping[str, Any]) -> None:
    """Writes tagger.json and word_pieces.tsv into enrich/entities."""
    numbers = np.concatenate([each.ravel() for each in (layer.inputs, layer.bias, layer.outputs)]).astype(np.float16)
    about = {
        "about": ABOUT,
        "over": pipeline_name(PACKAGE),
        "tags": tagger.TAGS,
        "pairs": learner.transitions(),
        "layer": {"units": len(layer.bias), "weights": base64.b64encode(numbers.tobytes()).decode()},
    }
    rows = ",\n".join(f"  {json.dumps(n, ensure_ascii=False)}: {json.dumps(r)}" for n, r in learner.features().items())
    head = json.dumps(about, ensure_ascii=False)[1:-1]
    tagger.FILE.write_text(f'{{{head},\n "features": {{\n{rows}\n}}}}\n', encoding="utf-8")
    codes = {piece: row.tobytes() for piece, row in table.items()}
    word_pieces.FILE.write_text(word_pieces.format_table(ABOUT_PIECES, codes), encoding="utf-8")
    for file in (tagger.FILE, word_pieces.FILE):
        print(f"{file.name}: {file.stat().st_size / 1024:.0f} KiB")


def main() -> None:
    """Trains, and with --measure prints scores, else writes the weights."""
    at = sys.argv.index(MEASURE_OPTION) if MEASURE_OPTION in sys.argv else len(sys.argv)
    corpus, model, *others = (Path(each) for each in sys.argv[1:at])
    held_out = {each: read_sentences(Path(each)) for each in sys.argv[at + 1 :]}
    known = [
        each
        for each in read_marked(corpus / "entities" / f"{LEARNT_SET}.jsonl")
        if hash_part(each, PARTS) != UNSEEN_PART
    ]
    if at < len(sys.argv):
        held_out[LEARNT_SET] = [each for each in known if hash_part(each, PARTS) == MEASURED_PART]
    learnt = [each for path in others for each in read_sentences(path)]
    learnt += [each for each in known if not held_out or hash_part(each, PARTS) != MEASURED_PART]
    learner = TaggerLearner(
        list(training_runs([*learnt, *make_headlines(learnt)])), language_model_vectors.read_piece_vectors(model)
    )
    weights, layer, table = learner.learn()
    print_scores(held_out, weights)
    if not held_out:
        write_weights(learner, layer, table)


if __name__ == "__main__":
    main()
