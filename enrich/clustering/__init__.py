"""TODO enrich/clustering."""
