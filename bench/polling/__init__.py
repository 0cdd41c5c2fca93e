"""Parts of bench/poller: poller_site serves the feeds, poller_setup writes their states to Kafka, and
poller_and_bare_loop has the two programs that poll them.
"""
