"""What pages state beside their text (title, date, authors), measured: the truth of other readers' tests, and scores.

In: the corpus, and clones of other readers, whose tests hold real pages. Out: figures, and what is wrong by its cause.
"""
