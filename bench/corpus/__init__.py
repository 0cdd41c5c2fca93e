"""TODO bench/corpus."""
