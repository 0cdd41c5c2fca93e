"""The password is asked for, where the server has one; who has given it goes on to where it wanted to go."""

import time
from dataclasses import dataclass

from web.frame import Answer, Asked, Page, SentOn, Shown, Site
from web.guard.sessions import TooManyTries

PATH = "/login"


@dataclass(frozen=True, slots=True)
class LoginView:
    """Where to go afterwards, and what was wrong."""

    next: str
    problem: str = ""


def show(asked: Asked, site: Site) -> Answer:
    """The form; or the start, where nothing is asked for."""
    if site.sessions is None:
        return SentOn("/")
    return _form(asked.word("next"))


def take(asked: Asked, site: Site) -> Answer:
    """Begins a session, when the password is right."""
    if site.sessions is None:
        return SentOn("/")
    there = own_path(asked.field("next"))
    try:
        token = site.sessions.begin(asked.field("password"), asked.client, time.monotonic())
    except TooManyTries as error:
        return _form(there, f"The password was tried too often: try again in {error.seconds:.0f} seconds.", 429)
    return SentOn(there, token) if token else _form(there, "That is not the password.", 403)


def leave(asked: Asked, site: Site) -> Answer:
    """Ends the session."""
    if site.sessions is not None:
        site.sessions.end(asked.session)
    return SentOn(PATH, "")


def own_path(path: str) -> str:
    """The path, where it is one of this server; else the start: "//elsewhere" and "/\\elsewhere" lead to others."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/"


def _form(there: str, problem: str = "", status: int = 200) -> Shown:
    return Shown("login.html", "Password", LoginView(own_path(there), problem), status)


PAGES = (
    Page("login", PATH, show),
    Page("login", PATH, take, "POST"),
    Page("logout", "/logout", leave, "POST"),
)
