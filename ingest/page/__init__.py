"""TODO ingest/page."""
