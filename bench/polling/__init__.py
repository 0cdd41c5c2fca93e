"""TODO bench/polling."""
