"""Prepares Kafka, Elasticsearch and Kibana: topics, users, index templates, dashboards. Safe to repeat.

In: the settings. Out: a line of text for each thing that was made. `newsloom setup` and `newsloom run` call it.
"""

import msgspec

from pipeline import settings
from pipeline.kafka import broker, rights


def prepare_servers(options: settings.Settings) -> list[str]:
    """Creates topics, users and templates, and Kibana's objects where kibana.url names one. Returns a line for each,
    and one for each language that is searched worse than it could be.

    Raises Unavailable, WrongSetting.
    """
    from index import mapping  # noqa: PLC0415
    from index.kibana.import_objects import import_saved_objects  # noqa: PLC0415
    from index.upkeep import rights as users  # noqa: PLC0415 - elasticsearch takes half a second to import

    made = [f"topic {name} created" for name in broker.create_topics(options.kafka)]
    passwords = msgspec.structs.asdict(options.access)
    made += [f"user {name} on Kafka" for name in rights.grant(options.kafka, passwords)]
    made += [f"user {name} on Elasticsearch" for name in users.create_users(options.elasticsearch, passwords)]
    made += [f"template {name} installed" for name in mapping.install(options.elasticsearch)]
    made += mapping.describe_shortcomings(options.elasticsearch)
    if options.kibana.url:
        made.append(f"{import_saved_objects(options.kibana, options.elasticsearch.prefix)} objects put into Kibana")
    return made
