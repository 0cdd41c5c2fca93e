"""Measuring named entities: how names that were found are scored, and the table of languages."""
