"""Reads an article from the HTML of its page: text, title, authors, times and other metadata.

In the order in which a page passes them: `extract` calls all others; `character_encoding` decodes the body;
`structured_data` reads JSON-LD and meta tags; `title` finds the headline; `script_text` finds text that only scripts
carry; `page_kind` sorts out pages that are no articles; `byline` and `metadata` find authors, times, language and tags;
`page` is the struct that holds the result.
"""
