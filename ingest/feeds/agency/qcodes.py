"""The codes of NewsML-G2: what a QCode ("ninat:text") or a concept's URI stands for. Pure.

A QCode is an alias and a code; a catalog says which scheme the alias is of. The catalogs that a document holds itself
go first, then the aliases of IPTC's own catalog. Catalogs that a document only refers to are never fetched: of an
alias that only they know, the code is taken as it is.

QCodes: NewsML-G2 Guidelines, "Controlled values: QCodes"; aliases: catalog.IPTC-G2-Standards of https://cv.iptc.org.
"""

from collections.abc import Mapping
from typing import Any

from ingest.feeds.agency.item_text import children

NEWSCODES = "http://cv.iptc.org/newscodes/"
ITEM_CLASSES = f"{NEWSCODES}ninature/"
STATUSES = f"{NEWSCODES}pubstatusg2/"
# of IPTC's catalog those that this reader asks for
IPTC_CATALOG: Mapping[str, str] = {
    "ninat": ITEM_CLASSES,
    "stat": STATUSES,
    "cinat": f"{NEWSCODES}cinature/",
    "plinat": f"{NEWSCODES}plinature/",
    "catinat": f"{NEWSCODES}catinature/",
    "drol": f"{NEWSCODES}descriptionrole/",
    "hrol": f"{NEWSCODES}headlinerole/",
    "cpnat": f"{NEWSCODES}cpnature/",
}


def read_catalogs(*holders: Any) -> dict[str, str]:
    """Alias -> scheme of the catalogs within these elements, the last of one alias first."""
    schemes = [
        scheme for holder in holders for each in children(holder, "catalog") for scheme in children(each, "scheme")
    ]
    return {each.get("alias", ""): each.get("uri", "") for each in schemes if each.get("uri")}


def term(element: Any, scheme: str, catalogs: Mapping[str, str], attribute: str = "qcode") -> str:
    """The code, in lower case, that an element has of a scheme; "" where there is none or it is of another scheme.

    `attribute`: where its QCode stands; its URI stands in "uri" or in what is named for it ("role" and "roleuri").
    """
    if element is None:
        return ""
    written = str(element.get("uri" if attribute == "qcode" else f"{attribute}uri") or "").strip()
    if not written:
        alias, colon, code = str(element.get(attribute) or "").strip().partition(":")
        known = catalogs.get(alias) or IPTC_CATALOG.get(alias)
        if known is None:
            return (code if colon else alias).lower()
        written = known + code
    written = written.replace("https://", "http://", 1)
    return written[len(scheme) :].lower() if written.startswith(scheme) else ""
