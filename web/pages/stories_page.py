"""Stories: what most outlets report now, and one story from its first report on."""

from collections import Counter
from datetime import UTC, datetime

import msgspec

from enrich.language_names import find_language
from index.searching import story_search
from index.searching.article_search import ArticleSummary
from index.searching.facet_search import build_columns, floor
from index.searching.filter_words import write_filter
from index.searching.story_search import CurrentStory, Timeline
from web.frame import Answer, Asked, NoSuchPage, Page, SentOn, Shown, Site
from web.parts import time_range
from web.parts.article_link import story_path
from web.parts.bar_chart import Bar
from web.parts.search_link import SearchLink
from web.parts.source_naming import Headline, Naming, compare_naming
from web.parts.time_range import Span

HOURS = (6, 24, 72, 168)
SHOWN = 30


class StoriesView(msgspec.Struct, frozen=True, kw_only=True):
    """The stories of the last `hours`."""

    hours: int
    choices: tuple[int, ...]
    language: str
    problem: str
    stories: tuple[CurrentStory, ...]


class SourceView(msgspec.Struct, frozen=True):
    """A source of a story: how many articles it has there, copies too, and when the first was published."""

    name: str
    host: str
    articles: int
    first_at: datetime


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A story: its texts by the day of `display.time_zone`, its sources in the order in which they reported."""

    timeline: Timeline
    days: tuple[tuple[str, tuple[story_search.TimelineText, ...]], ...]
    sources: tuple[SourceView, ...]
    namings: tuple[Naming, ...]
    search: SearchLink
    bars: tuple[tuple[Bar, str], ...]
    spans: tuple[Span, ...]


def show_current(asked: Asked, site: Site) -> Answer:
    """The biggest stories."""
    hours = next((each for each in HOURS if str(each) == asked.word("hours")), 24)
    typed = asked.word("language").strip()
    language = find_language(typed) if typed else None
    found = story_search.current_stories(site.options.elasticsearch, asked.now, hours, SHOWN, language)
    problem = f"no language is called {typed[:100]}: all are shown" if typed and not language else ""
    view = StoriesView(hours=hours, choices=HOURS, language=typed, problem=problem, stories=tuple(found))
    return Shown("stories.html", "Stories", view)


def show_story(asked: Asked, site: Site) -> Answer:
    """A story; a merged one, and the beginning of an id, lead on to the story that they are a part of."""
    id_ = asked.named["id"]
    found = story_search.story_timeline(site.options.elasticsearch, id_)
    if found is None:
        raise NoSuchPage(f"There is no story {id_[:200]}: it is made within seconds of its first article.")
    if found.story.id != id_:
        return SentOn(story_path(found.story.id))
    return Shown("story.html", found.story.headline, build_story(found, site))


def build_story(found: Timeline, site: Site) -> StoryView:
    """What the page of a story shows. Pure."""
    days: dict[str, list[story_search.TimelineText]] = {}
    for text in found.texts:
        days.setdefault(text.article.date.astimezone(site.zone).strftime("%A %Y-%m-%d"), []).append(text)
    hours = Counter(floor(each.date.astimezone(UTC), "hour") for each in articles_of(found))
    columns = build_columns(hours, "hour", site.zone)
    link = SearchLink(typed=write_filter("story", found.story.id), order="newest")
    told = [Headline(each.article.source_name, each.article.title, each.article.language) for each in found.texts]
    return StoryView(
        timeline=found,
        days=tuple((day, tuple(texts)) for day, texts in days.items()),
        sources=tuple(sources_of(found)),
        namings=compare_naming(told),
        search=link,
        bars=time_range.build_linked_bars(link, columns),
        spans=time_range.build_spans(columns),
    )


def articles_of(found: Timeline) -> list[ArticleSummary]:
    """The articles of a story, copies too. Pure."""
    return [each for text in found.texts for each in (text.article, *text.copies)]


def sources_of(found: Timeline) -> list[SourceView]:
    """The sources in the order in which they first reported. Pure."""
    articles = articles_of(found)
    counts = Counter(each.source for each in articles)
    first = {each.source: each for each in sorted(articles, key=lambda each: each.date, reverse=True)}
    ordered = sorted(first.values(), key=lambda each: each.date)
    return [SourceView(each.source_name, each.source, counts[each.source], each.date) for each in ordered]


PAGES = (
    Page("stories", "/stories", show_current),
    Page("story", "/stories/{id}", show_story),
)
