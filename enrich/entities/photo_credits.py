"""A reading -> its mentions without those that are no actors of the story: who took the picture, and roles. Pure.

A news or photo agency counts as a source only where it stands as one: beside a slash, in brackets or after a dash,
after "photo", "credit" and the like, or alone at the edge of a line. "He told Reuters" names an agency that acts.
"""

import re
from collections.abc import Iterator

from enrich import gazetteer
from enrich.entities.mentions import Mention, Reading

CREDITED = re.compile(
    r"\b(?:photos?|photographs?|images?|pictures?|file|credit|courtesy|copyright|via|wire|pool|by)\b|[/©|]",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"[(\[][^()\[\]\n]{1,100}[)\]]")
EDGE = re.compile(r"^\W*$")
LOOK = 24  # characters to each side


def actors(reading: Reading) -> list[Mention]:
    """The mentions that stay."""
    credits_ = list(_credits(reading.text))
    inside = [each for each in reading.mentions if not any(a <= each.start < b for a, b in credits_)]
    return [each for each in inside if not _is_source(reading.text, each) and not _is_role(reading.text, each)]


def _credits(text: str) -> Iterator[tuple[int, int]]:
    """Brackets that say whose a picture is: (AP Photo/Jane Doe), (Jane Doe/Reuters), [Photo by Getty Images]."""
    for match in BRACKETS.finditer(text):
        inner = match[0][1:-1]
        parts = [gazetteer.plain(part) for part in re.split(r"[/|,]| via | by ", inner)]
        if any(part in gazetteer.agencies() for part in parts) and (CREDITED.search(inner) or len(parts) == 1):
            yield match.span()


def _is_source(text: str, mention: Mention) -> bool:
    """An agency that stands as the source of a line: at its edge, or beside a slash or a word for pictures."""
    if gazetteer.plain(text[mention.start : mention.end]) not in gazetteer.agencies():
        return False
    line, end = text.rfind("\n", 0, mention.start) + 1, text.find("\n", mention.end)
    before = text[max(line, mention.start - LOOK) : mention.start]
    after = text[mention.end : min(end if end >= 0 else len(text), mention.end + LOOK)]
    near = f"{before[-8:]} {after[:8]}"
    ends = bool(EDGE.match(after)) and bool(re.search(r"[—–|/-]\s*$|\.\s*$|^\s*$", before))
    return ends or bool(CREDITED.search(near))


def _is_role(text: str, mention: Mention) -> bool:
    """ "State" in "Secretary of State", or a title alone."""
    name = gazetteer.plain(text[mention.start : mention.end])
    before = gazetteer.plain(text[max(0, mention.start - LOOK) : mention.start]).split()
    titles = gazetteer.words().titles
    return name in titles or any(
        " ".join([*before[-count:], name]) in titles for count in (1, 2) if len(before) >= count
    )
