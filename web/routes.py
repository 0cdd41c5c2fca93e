"""Routes: every page, and what stands in the navigation. A new page is a module in web/pages and a line here."""

from web.api import description
from web.follow import export_files, search_feed, watches_page
from web.frame import Page
from web.operate import dead_letters_page, feed_list_forms, feeds_page, status_page
from web.pages import article_page, history_page, login_page, names_page, search_page, stories_page

PAGES: tuple[Page, ...] = (
    *search_page.PAGES,
    *article_page.PAGES,
    *history_page.PAGES,
    *stories_page.PAGES,
    *names_page.PAGES,
    *login_page.PAGES,
    *search_feed.PAGES,
    *export_files.PAGES,
    *watches_page.PAGES,
    *description.PAGES,
    *feeds_page.PAGES,
    *feed_list_forms.PAGES,
    *dead_letters_page.PAGES,
    *status_page.PAGES,
)
# path, what it is called
NAVIGATION: tuple[tuple[str, str], ...] = (
    ("/", "Search"),
    ("/stories", "Stories"),
    ("/watches", "Watches"),
    ("/feeds", "Feeds"),
    ("/status", "Status"),
)
# what may be asked without the password
OPEN_PATHS = frozenset({login_page.PATH})
# beginnings of the paths that programs may read with the password alone
PROGRAM_PATHS = ("/feed.", "/export.", "/api/")
