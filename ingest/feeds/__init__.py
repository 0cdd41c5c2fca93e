"""TODO ingest/feeds."""
