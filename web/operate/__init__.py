"""Operate: how feeds and stages are, what failed, and what may be changed about it."""
