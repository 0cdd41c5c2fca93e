"""Description: the API in OpenAPI 3.1, built from the operations, their parameters and the structs that they answer.

Pure. A test holds it against the routes and against real answers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from index.searching.article_lookup import ArticleDetails
from index.searching.story_search import Timeline
from web.api import operations, parameters
from web.api.answers import FIELDS, ArticlePage, StoryList
from web.api.parameters import Parameter
from web.api.problem_details import CONTENT_TYPE, Problem, api_page, send
from web.frame import Answer, Asked, Page, Site

VERSION = "1.0.0"  # of the API: its first number is that of its paths
PATH = "/api/openapi.json"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation: what it is called, where it is, what it answers (a struct) and what it may be given."""

    name: str
    path: str
    answer: Callable[[Asked, Site], msgspec.Struct]
    struct: type
    parameters: Sequence[Parameter] = ()


OPERATIONS = (
    Operation(
        name="listArticles",
        path="/api/v1/articles",
        answer=operations.list_articles,
        struct=ArticlePage,
        parameters=parameters.ARTICLES,
    ),
    Operation(name="readArticle", path="/api/v1/articles/{id}", answer=operations.read_article, struct=ArticleDetails),
    Operation(
        name="listStories",
        path="/api/v1/stories",
        answer=operations.list_stories,
        struct=StoryList,
        parameters=parameters.STORIES,
    ),
    Operation(name="readStory", path="/api/v1/stories/{id}", answer=operations.read_story, struct=Timeline),
)


def build_description() -> dict[str, Any]:
    """The whole description, as JSON holds it."""
    structs = (*(each.struct for each in OPERATIONS), Problem)
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Newsloom",
            "version": VERSION,
            "description": "Articles and stories, as the pages show them. Where the server has a password, it is given "
            "by Basic authentication, with any user name.",
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"password": []}],
        "paths": {each.path: {"get": _operation(each)} for each in OPERATIONS},
        "components": {
            "schemas": {name: _with_descriptions(schema) for name, schema in schemas.items()},
            "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    problem = _content(CONTENT_TYPE, "Problem")
    failures = {"400": "Something is wrong with the request.", "503": "Elasticsearch is away."}
    if "{id}" in operation.path:
        failures["404"] = "There is no such thing."
    summary = (operation.answer.__doc__ or "").strip()
    return {
        "operationId": operation.name,
        "summary": summary,
        "parameters": [*_path_parameters(operation.path), *map(_parameter, operation.parameters)],
        "responses": {
            "200": {"description": summary, **_content("application/json", operation.struct.__name__)},
            **{status: {"description": text, **problem} for status, text in sorted(failures.items())},
        },
    }


def _path_parameters(path: str) -> list[dict[str, Any]]:
    about = "An id, or a beginning of it (at least four characters) that no other has."
    told = {"name": "id", "in": "path", "required": True, "description": about, "schema": {"type": "string"}}
    return [told] if "{id}" in path else []


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if parameter.least is not None:
        kind = "number" if isinstance(parameter.least, float) else "integer"
        schema = {"type": kind, "minimum": parameter.least, "maximum": parameter.most}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.default != "":
        schema["default"] = parameter.default
    return {"name": parameter.name, "in": "query", "description": parameter.description, "schema": schema}


def _content(content_type: str, name: str) -> dict[str, Any]:
    return {"content": {content_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


def _with_descriptions(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a struct, each field with what it is."""
    fields = {name: {**field, "description": FIELDS[name]} for name, field in schema.get("properties", {}).items()}
    return {**schema, "properties": fields}


def show(asked: Asked, site: Site) -> Answer:  # noqa: ARG001 - as all pages
    """The description."""
    return send(build_description())


PAGES = (
    *(api_page("api", each.path, each.answer) for each in OPERATIONS),
    Page("api", PATH, show),
    api_page("api", "/api/{rest:.*}", operations.nothing_here),
)
