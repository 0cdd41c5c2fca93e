"""Follow: a search as a feed, as a file to take along, and as a watch."""
