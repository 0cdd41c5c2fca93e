"""`python -m bench.silence`: how soon a feed's outage is told, and how often a healthy feed is accused.

invented_feeds publishes, other_rules are the rules that ours is held against, simulated_polls looks at both.
"""
