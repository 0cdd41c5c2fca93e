"""Feature columns: the types in which features of a page's blocks are kept, and the sizes that all features agree on.

A column holds one number for each block of a page, in their order; FeatureColumns are columns by the name of the
feature.
"""

from typing import Any

import numpy as np

Column = np.ndarray[Any, np.dtype[Any]]
FeatureColumns = dict[str, Column]

SHORT_WORDS = 10  # fewer: a label or a credit
LONG_WORDS = 12  # more: a text of several lines, that may be a paragraph
SENTENCE_WORDS = 25  # fewer: one sentence at most
