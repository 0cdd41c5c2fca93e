"""Article link: the addresses of articles, stories and names on this server. Pure."""

from urllib.parse import quote


def article_path(id_: str) -> str:
    """The page of an article."""
    return f"/articles/{quote(id_, safe='')}"


def story_path(id_: str) -> str:
    """The page of a story."""
    return f"/stories/{quote(id_, safe='')}"


def name_path(kind: str, name: str) -> str:
    """The page of a name; `kind`: person, organisation or place."""
    return f"/names/{quote(kind, safe='')}/{quote(name, safe='')}"
