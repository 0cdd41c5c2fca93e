"""Feed parsing: turns RSS, Atom, RDF and JSON feeds, sitemaps and agencies' deliveries into one struct, ParsedFeed.

In the order in which data passes them: feed_list (config/feeds.toml: which feeds are polled) and opml (import and
export of that list); parse (entry point: bytes -> ParsedFeed), which calls content_type (gzip and format detection),
new_items (leaves out items that were parsed before), then rss_atom with polling_hints, json_feed, sitemap or the room
agency (ninjs, NewsML-G2). All fill the structs of entry.
"""
