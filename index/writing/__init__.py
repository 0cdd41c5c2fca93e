"""Writing: a message becomes a document (document_kinds), gets its index (index_routing), and is sent (bulk_write)."""
