"""TODO index/searching."""
