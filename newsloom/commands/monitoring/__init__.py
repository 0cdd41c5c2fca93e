"""Monitoring: the commands that say how the pipeline is (status, freshness) and what operators are told of (alerts)."""
