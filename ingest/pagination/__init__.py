"""Articles that their site shows on several pages, one after the other: which address is whose next page, and how the
texts are put together.

`numbered_address` tells which page of an article an address is; `next_page` finds the link to the next one in a page;
`joined_text` appends the text of a page. Whether what was fetched there continues the article is decided in
ingest/belonging; ingest/pages fetches.
"""
