"""TODO enrich/copies."""
