"""Searching: query builds request bodies from words and filters, article_search and story_search ask Elasticsearch."""
