"""Upkeep of the indices: maintenance runs retention and backup again and again; rebuild and rights run on demand."""
