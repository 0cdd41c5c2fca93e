"""Status: how every stage is, how fresh what can be searched is, and what is wrong by the rules of alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.alert_message import Alert
from pipeline.failures import Failure
from web.frame import Answer, Asked, NoSuchPage, Page, Shown, Site

AGAIN_SECONDS = 30


@dataclass(frozen=True, slots=True)
class StatusView:
    """`now` is a StatusSnapshot (newsloom/local_run/pipeline_status); the alerts, or why they can't be told."""

    now: Any
    alerts: Sequence[Alert]
    alerts_problem: str


def show(asked: Asked, site: Site) -> Answer:  # noqa: ARG001 - as all pages
    """The page."""
    if site.operations is None:
        raise NoSuchPage("Nobody told this page how the pipeline is: `newsloom status` does.")
    now = site.operations.status()
    try:
        alerts, problem = site.operations.open_alerts(), ""
    except Failure as failure:
        alerts, problem = (), str(failure)
    return Shown("operate/status.html", "Status", StatusView(now, alerts, problem), refresh=AGAIN_SECONDS)


PAGES = (Page("status", "/status", show),)
