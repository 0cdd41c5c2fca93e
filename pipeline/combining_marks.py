"""Combining marks: vowel signs, accents and joiners; they belong to a word though Python's \\w lacks them. Pure."""

import re
import unicodedata

BLOCKS = range(0x0300, 0x1C00)  # of living scripts with marks: from the accents of Latin to the signs of Lepcha
ZERO_WIDTH_JOINERS = "\u200c\u200d"
# for a class of a regular expression; none of these characters has a meaning there
COMBINING_MARKS = ZERO_WIDTH_JOINERS + "".join(c for c in map(chr, BLOCKS) if unicodedata.category(c) in ("Mn", "Mc"))
# a word of any script that puts spaces between words, as Unicode Technical Standard 18, annex C has it; Python's own \w
# cuts Hindi or Tamil at each vowel sign
WORD = re.compile(rf"[\w{COMBINING_MARKS}]+")
