"""TODO ingest/boilerplate."""
