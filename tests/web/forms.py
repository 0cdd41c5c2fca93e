"""Forms, filled in and sent as a browser does."""

from typing import Any

import httpx

from tests.web.served import read


def fill(client: httpx.Client, page: httpx.Response, action: str, **values: Any) -> httpx.Response:
    """Sends the first form of the page with this address, with these values in place of those that stand there."""
    form = next(each for each in read(page).forms if each.action == action)
    data = dict(form.form_values()) | values
    return client.post(action, data=data)
