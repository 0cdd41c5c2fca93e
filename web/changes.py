"""Changes: what every form that changes something passes, and what it has to show.

In: a request. Out: whether it may change anything. The gate has seen before that it comes from no other site and, where
a password is set, from somebody who gave it; here the setting web.changes and the form's token are looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from pipeline.failures import Poison, WrongSetting
from web.frame import Answer, Asked, Page, Shown, Site
from web.guard.form_tokens import FIELD

Change = Callable[[Asked, Site], Answer]


@dataclass(frozen=True, slots=True)
class FormView:
    """What a form needs: its token, and whether changes are allowed at all."""

    token: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class RefusalView:
    """As the view of problem.html."""

    problem: str
    detail: str = ""
    todo: str = ""


def form_of(asked: Asked, site: Site) -> FormView:
    """What the forms of a page need."""
    allowed = site.options.web.changes
    return FormView(site.forms.token(_session(asked, site)) if allowed else "", allowed)


def change_page(name: str, path: str, change: Change) -> Page:
    """The page of a form: its change is made only for those who may."""

    @wraps(change)
    def guarded(asked: Asked, site: Site) -> Answer:
        if not site.options.web.changes:
            return _refusal(403, "Nothing may be changed here.", todo="The setting web.changes says so.")
        if not site.forms.fits(_session(asked, site), asked.field(FIELD)):
            return _refusal(403, "This form is too old, or is not ours: nothing was done.", todo="Load its page again.")
        try:
            return change(asked, site)
        except (Poison, WrongSetting) as failure:
            return _refusal(400, "Nothing was done.", _words(failure), "Go back and correct it.")

    return Page(name, path, guarded, "POST")


def _session(asked: Asked, site: Site) -> str:
    """The session that a form belongs to; "" where no password is set, and a cookie is nobody's."""
    return asked.session if site.sessions is not None else ""


def _words(failure: Poison | WrongSetting) -> str:
    return failure.detail if isinstance(failure, Poison) else str(failure)


def _refusal(status: int, problem: str, detail: str = "", todo: str = "") -> Shown:
    return Shown("problem.html", "Not done", RefusalView(problem, detail, todo), status)
