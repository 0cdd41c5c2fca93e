"""Clustering: puts the reports of one event into one story, in a single pass over the stream.

`vectors` and `report_embedding` turn an article into a report that can be compared; `report_codec` packs it for its
fingerprint. `clusters` finds the open stories that may be the report's by an `inverted_index`, compares it with each
`open_story`, and lets the `join_model` decide. `story_summary` collects what a story's message says.
"""
