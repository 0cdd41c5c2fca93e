"""Article -> Annotated (what its own text tells) -> Enriched (what other articles tell).

`annotate` and `stories` are the two hops, each a stage of its own; everything else in here is pure.
"""
