"""Scripts without spaces between words: recognises texts in Chinese, Japanese, Thai, Lao, Burmese and Khmer. Pure."""

import re

# CJK ideographs, kana, Thai, Lao, Myanmar, Khmer
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
UNSPACED_SHARE = 0.3  # of characters


def has_no_spaces(text: str) -> bool:
    """Whether more than UNSPACED_SHARE of the first 2,000 characters are of a script without spaces between words."""
    beginning = text[:2_000]
    return len(UNSPACED.findall(beginning)) > UNSPACED_SHARE * max(1, len(beginning))
