"""TODO pipeline/kafka."""
