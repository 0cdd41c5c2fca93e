"""All HTTP access of the crawler: polite (robots.txt, per-host rate limits) and safe against hostile servers.

A URL passes client (the entry point), address_guard, robots, politeness with rate_limit, fetch with resolver,
redirect_cookies and decompression, response_headers, opt_out (what the site declares against automated use), and
archive (WARC files).
"""
