"""TODO index/upkeep."""
