"""API: what the pages ask, for programs: JSON under /api/v1, described by /api/openapi.json."""
