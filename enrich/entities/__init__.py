"""TODO enrich/entities."""
