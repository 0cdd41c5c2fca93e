"""What can't be shown, and what to do about it. Pure."""

from dataclasses import dataclass

from pipeline.failures import Failure, Unavailable
from web.frame import NoSuchPage, Shown

AGAIN_SECONDS = 10  # what was away may be back


@dataclass(frozen=True, slots=True)
class ProblemView:
    """What went wrong in a sentence, details of it, and what to do."""

    problem: str
    detail: str = ""
    todo: str = ""


def of_failure(failure: Failure) -> Shown:
    """The page of a failure: 503 what is away, 404 what is not there, 400 what was asked wrongly."""
    if isinstance(failure, Unavailable):
        view = ProblemView(
            f"{failure.what.capitalize()} can't be reached just now.",
            str(failure),
            "This page asks again by itself every ten seconds. `newsloom status` says what runs and what does not, "
            "`newsloom doctor` what is wrong with the settings.",
        )
        return Shown("problem.html", "Not available", view, 503, AGAIN_SECONDS, {"Retry-After": str(AGAIN_SECONDS)})
    if isinstance(failure, NoSuchPage):
        return Shown("problem.html", "Not found", ProblemView(str(failure)), 404)
    return Shown("problem.html", "Not understood", ProblemView("This can't be asked so.", str(failure)), 400)


def nothing_here() -> Shown:
    """The page of an address that leads nowhere."""
    return Shown("problem.html", "Not found", ProblemView("There is no page at this address."), 404)


def of_bug() -> Shown:
    """The page of an error in this program: its log has the rest."""
    view = ProblemView("This page has an error of its own.", "", "The log of `newsloom web` says which.")
    return Shown("problem.html", "Error", view, 500)
