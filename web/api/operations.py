"""Operations: the reading of articles and stories, with the searches of the pages."""

import msgspec

from enrich.language_names import find_language
from index.searching import article_search, story_search
from index.searching.article_lookup import ArticleDetails, find_article
from index.searching.story_search import Timeline
from pipeline.failures import WrongSetting
from web.api import parameters
from web.api.answers import ArticlePage, StoryList
from web.api.problem_details import WrongParameter
from web.frame import Asked, NoSuchPage, Site
from web.typed_query import read_typed


def list_articles(asked: Asked, site: Site) -> ArticlePage:
    """The articles that a search finds, copies folded."""
    values = parameters.read(asked.query, parameters.ARTICLES)
    typed = read_typed(parameters.typed_query(values), asked.now, site)
    if typed.problems:
        raise WrongParameter("q", "; ".join(typed.problems))
    order: article_search.Order = "relevance" if values["order"] == "relevance" else "newest"
    size, cursor = parameters.whole(values, "limit"), values["cursor"]
    try:
        found = article_search.search(site.options.elasticsearch, typed.words, typed.filters, size, order, cursor)
    except WrongSetting as error:  # the only thing that a search refuses
        raise WrongParameter("cursor", str(error)) from error
    return ArticlePage(total=found.total, texts=found.texts, articles=found.hits, next=found.next)


def read_article(asked: Asked, site: Site) -> ArticleDetails:
    """An article with its copies."""
    parameters.read(asked.query, ())
    found = find_article(site.options.elasticsearch, asked.named["id"])
    if isinstance(found, ArticleDetails):
        return found
    several = f"{len(found)} or more articles have ids that begin so" if found else "there is no such article"
    raise NoSuchPage(f"{asked.named['id'][:80]}: {several}")


def list_stories(asked: Asked, site: Site) -> StoryList:
    """The stories that most outlets report now."""
    values = parameters.read(asked.query, parameters.STORIES)
    language = find_language(values["language"]) if values["language"] else None
    if values["language"] and language is None:
        raise WrongParameter("language", f"no language is called {values['language'][:80]!r}")
    hours, size = float(values["hours"]), parameters.whole(values, "limit")
    found = story_search.current_stories(site.options.elasticsearch, asked.now, hours, size, language)
    return StoryList(stories=tuple(found))


def read_story(asked: Asked, site: Site) -> Timeline:
    """A story and its texts in order of time, at most a thousand articles."""
    parameters.read(asked.query, ())
    found = story_search.story_timeline(site.options.elasticsearch, asked.named["id"])
    if found is None:
        raise NoSuchPage(f"{asked.named['id'][:80]}: there is no such story")
    return found


def nothing_here(asked: Asked, site: Site) -> msgspec.Struct:  # noqa: ARG001 - as all operations
    """There is no operation at this path."""
    raise NoSuchPage(f"there is nothing at {asked.path.partition('?')[0][:200]}: /api/openapi.json says what there is")
