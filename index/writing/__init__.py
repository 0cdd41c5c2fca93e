"""TODO index/writing."""
