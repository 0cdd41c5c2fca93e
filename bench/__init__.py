"""Speed and quality, printed by commands: each figure beside its baseline, in the same run, and each of one thread."""

import os

# as the workers have it (enrich/__init__): two threads that wait for each other would count twice as processor time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
