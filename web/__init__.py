"""The page: search, read and follow the news in a browser. Rendered here, little JavaScript, nothing from elsewhere.

server is the path of a request: guard lets it in, routes finds its page, the page asks index/searching and makes a view
of what it answers, rendering puts that into a template.
"""
