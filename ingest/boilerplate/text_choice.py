"""Text choice: decides whether trafilatura's text of a page is taken instead of the classifier's. Pure.

In: the text that the classifier selected and its confidence in it, and the hints of what the article says. Out: whether
trafilatura's is the better one, and why.

Where both differ widely the classifier is mostly right: it is the better one on all twelve news pages of the corpus on
which it leaves out a fifth of trafilatura's text (held out by site). So it takes evidence to overrule it: its own
doubt, or the length of the article that the page or the feed states.
"""

from ingest.boilerplate.block_features import ArticleHints
from ingest.boilerplate.word_count import count_words

# of the words that trafilatura has: where the classifier finds fewer, it has found no article
LEAST_SHARE = 0.25
# the mean probability of the selected characters: below, trafilatura's text is the better one on five of the ten pages
# of the corpus, and as good on the others (held out by site; docs/decisions/0015)
LEAST_CONFIDENCE = 0.8
# how far a text's length may be from the stated one: that of the right text, and that of the wrong one
NEAR, FAR = 0.1, 0.3
FEWEST_STATED = 80  # words; a stated text that is shorter is a summary


def why_trafilatura(text: str, confidence: float, hints: ArticleHints) -> str:
    """Why trafilatura's text is taken instead of this one: "nothing else", "doubt", "stated length"; "" to keep it."""
    if not hints.trafilatura_text:
        return ""
    words, others = count_words(text), count_words(hints.trafilatura_text)
    if words < LEAST_SHARE * others:
        return "nothing else"
    if confidence < LEAST_CONFIDENCE:
        return "doubt"
    stated = _stated_words(hints)
    return "stated length" if stated and _apart(others, stated) < NEAR and _apart(words, stated) > FAR else ""


def _stated_words(hints: ArticleHints) -> float:
    """The length of the article in words as JSON-LD or the feed state it; 0 where they don't."""
    body = count_words(hints.stated_body)
    return body if body >= FEWEST_STATED else hints.word_count if hints.word_count >= FEWEST_STATED else 0


def _apart(words: float, stated: float) -> float:
    return abs(words - stated) / stated
