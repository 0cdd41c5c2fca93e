"""Parameters: what each operation of the API may be given, read from a query. Pure.

In: a query's values. Out: those that an operation knows; anything else is a WrongParameter, never ignored: a filter
that is left out by a mistyped name would answer another question.
"""

from collections.abc import Mapping, Sequence

import msgspec

from index.searching.filter_words import write_filter
from web.api.problem_details import WrongParameter

# each stands for the filter of this name in a query
FILTERS: Mapping[str, str] = {
    "source": "A host name, or the name of a source.",
    "language": "Two letters, or the name of a language.",
    "country": "Two letters, or the name of a country that the article names or whose places it names.",
    "person": "A person that the article names.",
    "organisation": "An organisation that the article names.",
    "place": "A place that the article names.",
    "story": "The id of a story; articles of what was merged into it count too.",
    "kind": "article, liveblog, gallery, video, teaser or withdrawn.",
    "after": "Published then or later: 2026-11-01, 2026-11-01T12:00, or 7d for a week ago.",
    "before": "Published earlier than then.",
}


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter as it is described: a text, or a number between `least` and `most`."""

    name: str
    description: str
    least: float | None = None
    most: float | None = None
    default: float | str = ""
    choices: tuple[str, ...] = ()


ARTICLES = (
    Parameter(name="q", description="Words, as in the search of the page: phrases, -without, one | other, filters."),
    *(Parameter(name=name, description=text) for name, text in FILTERS.items()),
    Parameter(name="order", description="Newest first by default.", default="newest", choices=("newest", "relevance")),
    Parameter(name="limit", description="Texts of a page.", least=1, most=100, default=20),
    Parameter(name="cursor", description="`next` of the page before; all else as it was there."),
)
STORIES = (
    Parameter(name="hours", description="What is now: the last so many hours.", least=0.1, most=2_000, default=24),
    Parameter(name="language", description=FILTERS["language"]),
    Parameter(name="limit", description="Stories.", least=1, most=200, default=20),
)


def read(query: Mapping[str, Sequence[str]], known: Sequence[Parameter]) -> dict[str, str]:
    """The values by name; "" or the default for what is not given. Raises WrongParameter."""
    names = {each.name for each in known}
    for name, values in query.items():
        if name not in names:
            raise WrongParameter(name[:80], f"there is no such parameter; there are {', '.join(sorted(names))}")
        if len(values) > 1:
            raise WrongParameter(name, "it is given several times")
    found = {each.name: query.get(each.name, [""])[0] or str(each.default) for each in known}
    for each in known:
        _check(each, found[each.name])
    return found


def _check(parameter: Parameter, value: str) -> None:
    if parameter.choices and value not in parameter.choices:
        raise WrongParameter(parameter.name, f"it is one of {', '.join(parameter.choices)}, not {value[:80]!r}")
    if parameter.least is not None and parameter.most is not None:
        number = _number(value)
        if number is None or not parameter.least <= number <= parameter.most:
            why = f"it is a number from {parameter.least:g} to {parameter.most:g}, not {value[:80]!r}"
            raise WrongParameter(parameter.name, why)


def whole(values: Mapping[str, str], name: str) -> int:
    """A parameter that is a whole number. Raises WrongParameter."""
    try:
        return int(values[name])
    except ValueError:
        raise WrongParameter(name, f"it is a whole number, not {values[name][:80]!r}") from None


def typed_query(values: Mapping[str, str]) -> str:
    """The query that the words and the filters make, as somebody would type it."""
    filters = [write_filter(name, values[name]) for name in FILTERS if values[name].strip()]
    return " ".join([values["q"], *filters]).strip()


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
