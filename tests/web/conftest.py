"""The page over what a module of tests has filled the index with: its own fixture `filled`."""

from collections.abc import Iterator

import httpx
import pytest

from pipeline.settings import Settings
from tests.web.served import browsing, served


@pytest.fixture(scope="module")
def url(filled: Settings) -> Iterator[str]:
    """The page's address."""
    with served(filled) as address:
        yield address


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    """Somebody who looks at it."""
    with browsing(url) as found:
        yield found
