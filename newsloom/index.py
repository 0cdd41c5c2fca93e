"""`newsloom index`: the service that writes to Elasticsearch, and what can be done with its indices."""

import os

import click

from newsloom.services import work_side_by_side
from pipeline import settings


@click.group(invoke_without_command=True)
@click.pass_context
def index(context: click.Context) -> None:
    """Write articles, stories, feeds and dead letters to Elasticsearch; or one of the commands below."""
    if context.invoked_subcommand is None:
        from index import write  # noqa: PLC0415 - elasticsearch takes half a second to import

        options = settings.load(os.environ)
        work_side_by_side("index", write.stages(options.elasticsearch), [], options)
