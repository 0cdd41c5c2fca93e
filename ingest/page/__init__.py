"""Reads an article from the HTML of its page: text, title, authors, times and other metadata.

In the order in which a page passes them: `extract` calls all others; `character_encoding` decodes the body;
`structured_data` reads JSON-LD and meta tags (`json_ld` tells which objects are this page's, `tolerant_json` mends what
is broken); `title` finds the headline; `script_text` finds text that only scripts carry; `page_kind` sorts out pages
that are no articles; `byline` decides on the authors, with what `bylines` finds that the page shows; `page_dates` finds
times, and `metadata` language and tags; `page` is the struct that holds the result.
"""
