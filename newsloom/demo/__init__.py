"""The newspapers of `newsloom demo`: newspaper renders their feeds and pages, local_site serves them."""
