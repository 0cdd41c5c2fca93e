"""Import into Kibana: uploads the saved objects to a running Kibana through its public HTTP API.

In: its address and a user. Out: the number of imported objects. Kibana answers 200 even when it imported nothing, so
the body of the answer decides.
"""

import base64
import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from index.kibana import data_views, saved_objects
from pipeline import settings
from pipeline.failures import Backoff, Unavailable, WrongSetting

# a Kibana that has just become available may still refuse the first requests
ATTEMPTS = 8
BACKOFF = Backoff(first=0.5, most=10.0)
TIMEOUT_SECONDS = 60.0


def import_saved_objects(options: settings.Kibana, prefix: str, attempts: int = ATTEMPTS) -> int:
    """Imports all objects, replacing those that exist, and makes the articles the default data view.

    Returns the number of imported objects. Raises Unavailable, WrongSetting.
    """
    body, kind = _upload_form(saved_objects.build_ndjson(prefix))
    answer = _post_until_ready(options, "/api/saved_objects/_import?overwrite=true", body, kind, attempts)
    if not answer.get("success"):
        told = [f"{each.get('type')} {each.get('id')}: {each.get('error')}" for each in answer.get("errors", [])]
        raise WrongSetting(f"Kibana does not take its objects: {'; '.join(told) or answer}")
    default = json.dumps({"data_view_id": data_views.ARTICLES, "force": True}).encode()
    _post_until_ready(options, "/api/data_views/default", default, "application/json", attempts)
    return int(answer["successCount"])


def _upload_form(file: bytes) -> tuple[bytes, str]:
    """Builds a multipart form with the file (its name must end in .ndjson); returns it and its content type."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="newsloom.ndjson"\r\n'
    head += "Content-Type: application/ndjson\r\n\r\n"
    return head.encode() + file + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _post_until_ready(options: settings.Kibana, path: str, body: bytes, kind: str, attempts: int) -> dict[str, Any]:
    """Posts a request, again while Kibana is not ready; returns Kibana's answer."""
    for attempt in range(1, attempts + 1):
        try:
            return _post(options, path, body, kind)
        except Unavailable:
            if attempt == attempts:
                raise
            time.sleep(BACKOFF.delay(attempt, 1.0))
    raise AssertionError("not reached")


def _post(options: settings.Kibana, path: str, body: bytes, kind: str) -> dict[str, Any]:
    user = base64.b64encode(f"{options.username}:{options.password}".encode()).decode()
    headers = {
        "Content-Type": kind,
        "kbn-xsrf": "true",
        **({"Authorization": f"Basic {user}"} if options.username else {}),
    }
    try:
        request = urllib.request.Request(f"{options.url.rstrip('/')}{path}", body, headers)  # noqa: S310 - a setting
        trust = ssl.create_default_context(cafile=options.ca_file) if options.ca_file else None
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS, context=trust) as answer:  # noqa: S310
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as error:
        text = f"status {error.code}: {error.read()[:500].decode(errors='replace')}"
        if error.code in (400, 401, 403, 413):
            raise WrongSetting(f"Kibana refuses {path}: {text}") from error
        raise Unavailable("kibana", text) from error
    except (OSError, ValueError) as error:
        raise Unavailable("kibana", f"{options.url} does not answer: {error}") from error
