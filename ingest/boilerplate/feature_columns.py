"""Numbers with names, one for every text of a page: what the marks of its blocks are kept in.

In: nothing. Out: the types, and the sizes that the marks agree on.
"""

from typing import Any

import numpy as np

Column = np.ndarray[Any, np.dtype[Any]]
Columns = dict[str, Column]

SHORT, LONG, SENTENCE = 10, 12, 25  # words
