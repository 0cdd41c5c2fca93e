"""Copies: finds out of which earlier article an article is an exact, near or partial copy.

`shingles` makes the content hash and the sketch of a text. `duplicates` keeps the articles of the last days and finds
the original of a new one: `copy_candidates` looks for articles that share shingles, in each day's `daily_articles` and
its `shingle_index`, and `containment` decides whether such a candidate is a copy, and of which kind.
"""
