"""Hub pages: pages that list links to articles, read as a feed where a site has none."""
