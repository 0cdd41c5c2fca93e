"""Revisits: published pages are asked for again, for an edit that no feed tells of (docs/decisions/0034)."""
