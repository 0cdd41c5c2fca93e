"""What an article's text tells, and what other articles tell of it: the second and third stage.

A worker is one thread: numpy's products of matrices must not start others, which only wait for each other on a busy
machine.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
