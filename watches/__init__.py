"""Watches: saved searches that every newly indexed article is held against, and who is told of what they find.

watch is the path: it looks again and again at what was indexed (looking), decides which articles are new to whom
(new_hits), and delivers them (deliveries, outputs). watch_list reads what is watched.
"""
