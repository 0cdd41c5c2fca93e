"""Word count: how many words a text has, in scripts with and without spaces between words. Pure.

In: a text. Out: a number of words that is about the same for a text and its translation.
"""

import re

WORD_WIDTH = 6  # characters of an average word with the space behind it
# Chinese and Japanese: kana and ideographs. Thai, Lao, Khmer and Burmese have no spaces either, but letters, which
# count as those of other scripts do
IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
IDEOGRAPHS_WIDTH = 2  # translators count 1.6 (Chinese) to 2.3 (Japanese) characters for a word of English


def count_words(text: str) -> float:
    """The length of a text in words; estimated from its characters where that gives more than counting spaces."""
    ideographs = 0 if text.isascii() else len(IDEOGRAPHS.findall(text))
    letters = (len(text) - ideographs) / WORD_WIDTH + ideographs / IDEOGRAPHS_WIDTH
    return max(float(len(text.split())), letters)
