"""Routes: every page, and what stands in the navigation. A new page is a module in web/pages and a line here."""

from web.frame import Page
from web.pages import article_page, history_page, login_page, names_page, search_page, stories_page

PAGES: tuple[Page, ...] = (
    *search_page.PAGES,
    *article_page.PAGES,
    *history_page.PAGES,
    *stories_page.PAGES,
    *names_page.PAGES,
    *login_page.PAGES,
)
# path, what it is called
NAVIGATION: tuple[tuple[str, str], ...] = (("/", "Search"), ("/stories", "Stories"))
# what may be asked without the password
OPEN_PATHS = frozenset({login_page.PATH})
