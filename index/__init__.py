"""Enriched articles into Elasticsearch, and out again: templates, documents, the writing stage, retention, search."""
