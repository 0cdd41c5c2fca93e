"""Index templates: installs mappings and analyzers on the server, and extends the mappings of existing indices.

In: config/elasticsearch and the synonyms. Out: templates on the server. The files are written for the prefix
"news" and are valid as they are; the prefix and the number of replicas of the settings replace those in the files, and
what the server has no plugin for is left out (index/analysis_plugins).
"""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from elasticsearch import ApiError, Elasticsearch

from index import analysis_plugins, synonyms
from index.client import call_server, connect, error_reason
from pipeline import settings
from pipeline.failures import WrongSetting

TEMPLATE_FOLDER = settings.ROOT / "config" / "elasticsearch"
PREFIX_IN_FILES = "news"
COMPONENT_TEMPLATES = ("analysis",)
INDEX_TEMPLATES = ("articles", "stories", "feeds", "dead")


@dataclass(frozen=True, slots=True)
class Template:
    """A template as it is put on the server, and the file that it was read from."""

    kind: Literal["component", "index"]
    name: str
    body: dict[str, Any]
    file: Path


def search_alias(prefix: str, name: str) -> str:
    """The alias that searches use: `news` for articles, `news-stories` and so on for the other kinds.

    It is not part of the templates: an index that is searched before its shards have started makes searches fail.
    """
    return prefix if name == "articles" else f"{prefix}-{name}"


def load_templates(options: settings.Elasticsearch, folder: Path = TEMPLATE_FOLDER) -> list[Template]:
    """Reads all templates, in the order in which the server needs them. Raises WrongSetting, naming the file."""
    components = [_load_component_template(name, options, folder) for name in COMPONENT_TEMPLATES]
    return components + [_load_index_template(name, options, folder) for name in INDEX_TEMPLATES]


def _load_component_template(name: str, options: settings.Elasticsearch, folder: Path) -> Template:
    """Reads a component template and puts the synonyms of config/names into it."""
    file = folder / "component_templates" / f"{name}.json"
    body = _read_template(file)
    try:
        body["template"]["settings"]["analysis"]["filter"]["synonyms"]["synonyms"] = synonyms.read()
    except (KeyError, TypeError) as error:
        raise WrongSetting(f"{file} has no filter `synonyms`: {type(error).__name__} {error}") from error
    return Template("component", f"{options.prefix}-{name}", body, file)


def _load_index_template(name: str, options: settings.Elasticsearch, folder: Path) -> Template:
    """Reads an index template and puts our prefix and number of replicas into it."""
    file = folder / "index_templates" / f"{name}.json"
    body = _read_template(file)
    try:
        template = dict(body["template"])
        body |= {
            key: [_replace_prefix(each, options.prefix) for each in body[key]]
            for key in _KEYS_WITH_NAMES
            if key in body
        }
        index_settings = {**template["settings"]["index"], "number_of_replicas": options.replicas}
        body["template"] = {**template, "settings": {"index": index_settings}}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WrongSetting(f"{file} is no index template of ours: {type(error).__name__} {error}") from error
    return Template("index", f"{options.prefix}-{name}", body, file)


_KEYS_WITH_NAMES = ("index_patterns", "composed_of")


def _replace_prefix(name: str, prefix: str) -> str:
    if name != PREFIX_IN_FILES and not name.startswith(f"{PREFIX_IN_FILES}-"):
        raise ValueError(f"the name {name!r} does not begin with {PREFIX_IN_FILES!r}")
    return prefix + name.removeprefix(PREFIX_IN_FILES)


def _read_template(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongSetting(f"the index template {file} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise WrongSetting(f"the index template {file} is not valid JSON: {error}") from error
    if not isinstance(body, dict):
        raise WrongSetting(f"the index template {file} must be a JSON object")
    return body


def install(options: settings.Elasticsearch, folder: Path = TEMPLATE_FOLDER) -> list[str]:
    """Puts the templates on the server, and new fields into the mappings of existing indices. Safe to repeat.

    Returns the templates' names. Raises Unavailable; WrongSetting when a file is broken, the server rejects it, or an
    existing index can't take the mapping.
    """
    loaded = put_templates(options, folder)
    with connect(options) as client:
        for template in loaded:
            if template.kind == "index":
                _update_mappings(client, options, template)
    return [template.name for template in loaded]


def put_templates(options: settings.Elasticsearch, folder: Path = TEMPLATE_FOLDER) -> list[Template]:
    """Puts the templates on the server; this affects only indices that are created later.

    Raises Unavailable, WrongSetting.
    """
    loaded = load_templates(options, folder)
    with connect(options) as client:
        _fit_to_server(loaded, analysis_plugins.find_missing_plugins(client))
        loaded = _named_by_content(loaded)
        has_lifecycles = _put_lifecycle_policy(client, options.prefix)
        for template in loaded:
            if has_lifecycles and template.kind == "index":
                template.body["template"]["settings"]["index"]["lifecycle.name"] = options.prefix
            _put_template(client, template)
    return loaded


def _fit_to_server(loaded: list[Template], missing: frozenset[str]) -> None:
    known: set[str] = set()
    for each in loaded:
        if each.kind == "component":
            settings_of = each.body["template"]["settings"]
            settings_of["analysis"] = analysis_plugins.without_plugins(settings_of["analysis"], missing)
            known |= settings_of["analysis"]["analyzer"].keys()
    for each in loaded:
        if each.kind == "index":
            mappings = each.body["template"]["mappings"]
            mappings["properties"] = analysis_plugins.with_known_analyzers(mappings["properties"], known)


def _named_by_content(loaded: list[Template]) -> list[Template]:
    """The templates, each component under a name of its own for each content.

    The server refuses a component whose index templates, as they are, need an analyzer that it no longer has: an
    earlier program could not be installed over a later one.
    """
    names = {
        each.name: f"{each.name}-{hashlib.sha256(json.dumps(each.body, sort_keys=True).encode()).hexdigest()[:12]}"
        for each in loaded
        if each.kind == "component"
    }
    for each in loaded:
        if "composed_of" in each.body:
            each.body["composed_of"] = [names.get(name, name) for name in each.body["composed_of"]]
    return [replace(each, name=names.get(each.name, each.name)) for each in loaded]


def describe_shortcomings(options: settings.Elasticsearch) -> list[str]:
    """A line for each missing plugin, and for each index that was made with other analyzers than a new one would be.

    Raises Unavailable, WrongSetting.
    """
    loaded = load_templates(options)
    with connect(options) as client:
        missing = analysis_plugins.find_missing_plugins(client)
        _fit_to_server(loaded, missing)
        now = next(each.body["template"]["settings"]["analysis"]["analyzer"] for each in loaded)
        made = {
            index: analyzers
            for name in INDEX_TEMPLATES
            for index, analyzers in _analyzers_of_indices(client, search_alias(options.prefix, name)).items()
        }
    older = sorted(index for index, analyzers in made.items() if analyzers != now)
    return [
        *analysis_plugins.describe_missing_plugins(missing),
        *(f"{index} cuts words as it did when it was made: `newsloom index rebuild` renews it" for index in older),
    ]


def _analyzers_of_indices(client: Elasticsearch, alias: str) -> dict[str, dict[str, Any]]:
    """The analyzers of each index behind an alias, as they were when it was made; {} if there is no such alias."""
    if not call_server(lambda: client.indices.exists_alias(name=alias)):
        return {}
    found = call_server(lambda: client.indices.get_settings(index=alias, name="index.analysis.*"))
    analyses = {index: each["settings"].get("index", {}).get("analysis", {}) for index, each in found.items()}
    return {index: analysis.get("analyzer", {}) for index, analysis in analyses.items()}


# after its month an index is hardly written to: merged into one segment it is searched faster. The policy deletes
# nothing: old months are deleted by index/upkeep/retention
LIFECYCLE = {
    "phases": {
        "hot": {"actions": {"set_priority": {"priority": 100}}},
        "warm": {
            "min_age": "40d",
            "actions": {"set_priority": {"priority": 50}, "forcemerge": {"max_num_segments": 1}},
        },
    }
}


def _put_lifecycle_policy(client: Elasticsearch, prefix: str) -> bool:
    """Puts our lifecycle policy on the server; False if it has no lifecycle management, as the embedded one."""
    try:
        call_server(lambda: client.ilm.put_lifecycle(name=prefix, policy=LIFECYCLE))
    except ApiError:  # 400: there is no such thing here
        return False
    return True


def _put_template(client: Elasticsearch, template: Template) -> None:
    try:
        if template.kind == "component":
            call_server(lambda: client.cluster.put_component_template(name=template.name, **_arguments(template.body)))
        else:
            call_server(lambda: client.indices.put_index_template(name=template.name, **_arguments(template.body)))
    except (ApiError, TypeError) as error:
        text = error_reason(error) if isinstance(error, ApiError) else str(error)
        raise WrongSetting(f"Elasticsearch rejects the template of {template.file}: {text}") from error


def _arguments(body: dict[str, Any]) -> dict[str, Any]:
    return {key.removeprefix("_"): value for key, value in body.items()}


def _update_mappings(client: Elasticsearch, options: settings.Elasticsearch, template: Template) -> None:
    """Adds new fields to the mappings of existing indices.

    A template only affects new indices: without this, the index of this month would reject documents with a new field.
    Its analyzers stay those that it was made with: a field for one that it lacks takes the plain ones.
    """
    mappings = call_server(lambda: client.indices.simulate_template(name=template.name))["template"]["mappings"]
    # by alias and not by pattern, which would include indices that a rebuild has replaced
    alias = search_alias(options.prefix, template.file.stem)
    try:
        for index, analyzers in _analyzers_of_indices(client, alias).items():
            fitting = analysis_plugins.with_known_analyzers(mappings["properties"], analyzers)
            call_server(partial(client.indices.put_mapping, index=index, properties=fitting))
    except ApiError as error:
        raise WrongSetting(
            f"{alias}: the indices that are there can't take the mapping of {template.file.name} "
            f"({error_reason(error)}); run `newsloom index rebuild`"
        ) from error


# languages with an analyzer of their own in config/elasticsearch/component_templates/analysis.json
STEMMED_LANGUAGES = frozenset(
    {"ar", "bn", "de", "el", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "km", "ko", "lo", "my", "nl", "pl", "pt"}
    | {"ru", "th", "tr", "uk", "zh"}
)
