"""What a person means who types an address or an article's id: the addresses and ids under which it may be known. Pure.

In: what was typed: an address as a browser shows it (with tracking parameters, without its scheme, of the AMP page,
inside a redirector's), or an id or its beginning. Out: a Question. Nothing is asked of the web.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlsplit

from ingest.urls import article_id, canonical_url, host_of
from pipeline.failures import WrongSetting
from pipeline.messages import PAGELESS_PREFIX

FEWEST_DIGITS = 4  # of an id that may stand for the whole, as for `newsloom article`
ID_DIGITS = 32
HEX = re.compile(r"[0-9a-fA-F]+")
# where sites put the AMP page of an article: /amp/a, /a/amp, /a.amp, /a.amp.html; ?amp=1 goes with the canonical form
AMP_PATH = re.compile(r"^/amp(?=/.)|/amp/?$|\.amp(?=(\.html)?$)")
# hosts of versions for telephones
OTHER_VERSION_HOST = re.compile(r"^(?:amp|m|mobile)\.(?=[^.]+\.)")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. `addresses`: canonical, the likeliest first; `ids`: of the articles at these, in their order.

    `beginning`: of an id, in lower case, where that was typed; then there are no addresses.
    """

    typed: str
    addresses: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    beginning: str = ""

    @property
    def host(self) -> str:
        """The host of the address; "" for an id."""
        return host_of(self.addresses[0]) if self.addresses else ""


def read_question(typed: str) -> Question:
    """The question in what was typed. Raises WrongSetting for what is neither an address nor an id."""
    text = typed.strip().strip("<>\"'").strip()
    if HEX.fullmatch(text) and FEWEST_DIGITS <= len(text) <= ID_DIGITS:
        return Question(text, ids=(text.lower(),) if len(text) == ID_DIGITS else (), beginning=text.lower())
    if text.startswith(PAGELESS_PREFIX):
        return Question(text, (text,), (article_id(text),))
    canonical = canonical_url(_with_scheme(text))
    if canonical is None:
        raise WrongSetting(
            f"{typed!r} is neither a web address nor an article's id (or its first {FEWEST_DIGITS} digits at least)"
        )
    addresses = tuple(dict.fromkeys(_variants(canonical)))
    return Question(text, addresses, tuple(map(article_id, addresses)))


def _with_scheme(text: str) -> str:
    """An address as browsers take it: "example.org/a" and "//example.org/a" too."""
    if "://" in text or " " in text or "." not in text.partition("/")[0 if not text.startswith("//") else 2]:
        return text
    return f"https://{text.removeprefix('//')}"


def _variants(canonical: str) -> Iterator[str]:
    """The address, and others that show the same page on nearly every site; the first differ least from it."""
    parts = urlsplit(canonical)
    hosts, paths = dict.fromkeys(_hosts(parts.netloc)), dict.fromkeys(_paths(parts.path))
    schemes = (parts.scheme, "http" if parts.scheme == "https" else "https")
    for path, host, scheme in product(paths, hosts, schemes):
        found = canonical_url(parts._replace(scheme=scheme, netloc=host, path=path).geturl())
        if found:
            yield found


def _hosts(host: str) -> Iterator[str]:
    for each in dict.fromkeys((host, OTHER_VERSION_HOST.sub("", host))):
        yield each
        yield each.removeprefix("www.") if each.startswith("www.") else f"www.{each}"


def _paths(path: str) -> Iterator[str]:
    for each in dict.fromkeys((path, AMP_PATH.sub("", path))):
        yield each
        yield each.removesuffix("/") if each.endswith("/") else f"{each}/"
