"""Elasticsearch client: makes the connection from the settings, and turns its errors into ours.

In: settings. Out: a client; errors of requests as Unavailable (to be tried again) or elasticsearch.ApiError. Every
client is made here, so that all have the same addresses, credentials and timeouts.
"""

import ssl
from collections.abc import Callable
from typing import Any, TypeVar

from elastic_transport import Urllib3HttpNode
from elasticsearch import ApiError, Elasticsearch, TransportError

from pipeline import observability, settings
from pipeline.failures import Unavailable, WrongSetting

T = TypeVar("T")
# statuses that blame the request itself; all others blame the circumstances: overload, failures, rights, addresses
REQUEST_ERRORS = frozenset({400, 409, 413})

_log = observability.get_logger("index")


class _Node(Urllib3HttpNode):
    """Logs Elasticsearch's warnings (deprecations) and removes them from the answer.

    The library would hand them to `warnings`: an exception, after the request was done, where warnings are errors.
    """

    def perform_request(self, *args: Any, **named: Any) -> Any:
        answer = super().perform_request(*args, **named)
        if warning := answer.meta.headers.get("warning"):
            _log.warning("elasticsearch_warns", text=warning)
            headers = answer.meta.headers.copy()
            del headers["warning"]
            answer.meta.headers = headers
        return answer


def connect(options: settings.Elasticsearch) -> Elasticsearch:
    """Makes a client, which is also a context manager. Nothing is sent yet. Raises WrongSetting.

    No sniffing: nodes behind a proxy or in containers announce addresses that can't be reached. A request is repeated
    only at the other addresses: the worker must see an outage, because it knows how to wait.
    """
    if not options.url:
        raise WrongSetting(
            "elasticsearch.url is empty: say where Elasticsearch is, or use `newsloom run`, which starts one"
        )
    hosts = [url.strip() for url in options.url.split(",")]
    try:
        _check(hosts)
        # made here, because the library would read the file only at the first request
        trust = {"ssl_context": ssl.create_default_context(cafile=options.ca_file)} if options.ca_file else {}
        return Elasticsearch(
            hosts,
            **trust,  # type: ignore[arg-type]
            basic_auth=(options.username, options.password) if options.username else None,
            api_key=options.api_key or None,
            request_timeout=options.timeout_seconds,
            max_retries=len(hosts) - 1,
            retry_on_timeout=False,
            node_class=_Node,
        )
    except (ValueError, OSError) as error:
        raise WrongSetting(
            f"elasticsearch.url, username, api_key and ca_file do not make a connection: {error}"
        ) from error


def _check(hosts: list[str]) -> None:
    if not all(host.startswith(("http://", "https://")) for host in hosts):
        raise ValueError("an address is http://host:port or https://host:port")


def call_server(action: Callable[[], T]) -> T:
    """Returns what `action` returns; an error that does not blame the request becomes Unavailable.

    Raises elasticsearch.ApiError for the statuses in REQUEST_ERRORS.
    """
    try:
        return action()
    except ApiError as error:
        if error.status_code in REQUEST_ERRORS:
            raise
        raise Unavailable("elasticsearch", f"status {error.status_code}: {error_reason(error)}") from error
    except TransportError as error:
        raise Unavailable("elasticsearch", f"{type(error).__name__}: {error.message}") from error


def error_reason(error: ApiError) -> str:
    """Elasticsearch's own explanation of why it refused a request, as one line."""
    body = error.body.get("error") if isinstance(error.body, dict) else None
    return describe_error(body) if isinstance(body, dict) else str(error.message)


def describe_error(error: dict[str, Any]) -> str:
    """Formats an `error` object of Elasticsearch as one line: type, reason and every cause."""
    words = f"{error.get('type')}: {error.get('reason')}"
    cause = error.get("caused_by")
    return f"{words}; {describe_error(cause)}" if isinstance(cause, dict) else words
