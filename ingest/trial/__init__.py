"""Trial: a feed asked for once, as the poller would; nothing is published or remembered."""
