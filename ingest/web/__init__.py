"""TODO ingest/web."""
