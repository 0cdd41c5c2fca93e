"""`newsloom web`: the page, on which people search, read and follow the news."""

from pathlib import Path

import click

from newsloom.local_run import run_addresses
from pipeline import service


@click.command()
@run_addresses.DATA_OPTION
def web(data: Path) -> None:
    """Offer the page on which people search and read, at web.host and web.port of the settings."""
    from web import server  # noqa: PLC0415 - aiohttp and elasticsearch take a second to import

    options = run_addresses.settings_for_run(data)
    server.check_access(options)
    with service.running_service("web", options.service) as running:
        server.run(options, running)
