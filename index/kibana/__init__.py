"""Kibana: builds data views, saved searches and dashboards as saved objects, and imports them.

In order: `data_views` (and saved searches), `lens_columns`, `panels`, `dashboards`, `saved_objects` (the objects as
JSON), `import_objects` (the upload). The shapes are those of Kibana 8.19 and 9.0, which every 9.x accepts
(docs/decisions/0020).
"""
