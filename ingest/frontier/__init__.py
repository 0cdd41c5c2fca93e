"""The frontier: which feed is polled and which page is fetched when, by whom, and what is known of each feed.

assignment (which feeds are ours), feed_states (their states in memory), frontier and host_queues (what is due, host by
host), schedule (when a feed is polled again), publishing_rhythm and feed_silence (whether what usually comes has come),
poll_history, feed_events, known_entries, known_items and published_articles (what polls and pages have told).
"""
