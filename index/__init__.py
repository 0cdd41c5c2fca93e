"""Indexing and search: writes articles, stories, feed states and dead letters to Elasticsearch, and searches them.

`write` is the stage's path, its steps are in `writing/`. `mapping` and `synonyms` install the index templates, `client`
makes the connection. `searching/` answers queries, `upkeep/` looks after the indices, `kibana/` makes the dashboards.
"""
