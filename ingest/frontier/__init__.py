"""TODO ingest/frontier."""
