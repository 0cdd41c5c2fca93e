"""A text -> its size in words, in scripts that write words apart and in those that do not. Pure.

In: a text. Out: a number of words, the same for a text and its translation, as nearly as two widths can make it.
"""

import re

WORD_WIDTH = 6  # characters of a word with the space behind it
# Chinese and Japanese: kana, ideographs. Thai, Lao, Khmer and Burmese write no spaces either, but letters as others do
IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
IDEOGRAPHS_WIDTH = 2  # translators count 1.6 (Chinese) to 2.3 (Japanese) characters for a word of English


def size_of(text: str) -> float:
    """In words."""
    ideographs = 0 if text.isascii() else len(IDEOGRAPHS.findall(text))
    letters = (len(text) - ideographs) / WORD_WIDTH + ideographs / IDEOGRAPHS_WIDTH
    return max(float(len(text.split())), letters)
