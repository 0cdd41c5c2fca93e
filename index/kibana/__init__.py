"""Kibana's objects, built from what a dashboard shows: data views, saved searches, dashboards, and their import.

The shapes are those of Kibana 8.19 and 9.0, which every 9.x takes (docs/decisions/0020).
"""
