"""Photo credits and roles: drops mentions of who took a picture, and of roles such as "Secretary of State".

In: the mentions of a text. Out: the mentions without those. A news or photo agency is dropped only where it stands as a
source: beside a slash, in brackets or after a dash, near "photo", "credit" and the like, or alone at the edge of a
line. In "He told Reuters" it stays, for there it acts. Pure.
"""

import re
from collections.abc import Iterator

from enrich import gazetteer
from enrich.entities.mention import FoundMentions, Mention

CREDIT_WORD = re.compile(
    r"\b(?:photos?|photographs?|images?|pictures?|file|credit|courtesy|copyright|via|wire|pool|by)\b|[/©|]",
    re.IGNORECASE,
)
BRACKETS = re.compile(r"[(\[][^()\[\]\n]{1,100}[)\]]")
NO_WORDS = re.compile(r"^\W*$")
NEARBY_CHARACTERS = 24  # that are looked at on each side of a mention


def drop_credits_and_roles(found: FoundMentions) -> list[Mention]:
    """The mentions that are neither in a photo credit, nor an agency as the source of a line, nor a role."""
    brackets = list(_credit_brackets(found.text))
    inside = [each for each in found.mentions if not any(a <= each.start < b for a, b in brackets)]
    return [each for each in inside if not _is_source(found.text, each) and not _is_role(found.text, each)]


def _credit_brackets(text: str) -> Iterator[tuple[int, int]]:
    """Where brackets name the source of a picture: (AP Photo/Jane Doe), (Jane Doe/Reuters), [Photo by Getty Images]."""
    for match in BRACKETS.finditer(text):
        inner = match[0][1:-1]
        parts = [gazetteer.normalise_phrase(part) for part in re.split(r"[/|,]| via | by ", inner)]
        if any(part in gazetteer.agencies() for part in parts) and (CREDIT_WORD.search(inner) or len(parts) == 1):
            yield match.span()


def _is_source(text: str, mention: Mention) -> bool:
    """Whether it is an agency as the source of a line: at its edge, or beside a slash or a word for pictures."""
    if gazetteer.normalise_phrase(text[mention.start : mention.end]) not in gazetteer.agencies():
        return False
    line, end = text.rfind("\n", 0, mention.start) + 1, text.find("\n", mention.end)
    before = text[max(line, mention.start - NEARBY_CHARACTERS) : mention.start]
    after = text[mention.end : min(end if end >= 0 else len(text), mention.end + NEARBY_CHARACTERS)]
    near = f"{before[-8:]} {after[:8]}"
    ends = bool(NO_WORDS.match(after)) and bool(re.search(r"[—–|/-]\s*$|\.\s*$|^\s*$", before))
    return ends or bool(CREDIT_WORD.search(near))


def _is_role(text: str, mention: Mention) -> bool:
    """Whether it is a title, or the end of one: "State" in "Secretary of State"."""
    name = gazetteer.normalise_phrase(text[mention.start : mention.end])
    before = gazetteer.normalise_phrase(text[max(0, mention.start - NEARBY_CHARACTERS) : mention.start]).split()
    titles = gazetteer.context_words().titles
    return name in titles or any(
        " ".join([*before[-count:], name]) in titles for count in (1, 2) if len(before) >= count
    )
