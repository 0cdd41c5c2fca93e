"""Reading of dates and times, wherever they are written: feeds, sitemaps, pages.

A string, with what is known of its site, becomes a time in UTC with its precision and how sure it is, or none with the
reason. What can be read in two ways is settled by the site's other dates, its country or its language, or is none: a
wrong time is worse than no time (docs/decisions/0023).
"""
