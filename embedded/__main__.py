"""`python -m embedded`: runs Kafka and Elasticsearch alone, for working on one stage.

In: ports and a data directory. Out: the servers' addresses on standard output, as environment variables that the
pipeline reads; progress on standard error.
"""

import signal
import sys
from contextlib import suppress
from pathlib import Path

import click

from embedded import jars
from embedded.embedded_error import EmbeddedError
from embedded.stack import Stack, prepare_servers

BROKER_CONFIG = Path(__file__).parent.parent / "config" / "kafka.properties"


def main() -> None:
    """Expected failures end with their text and exit code 1."""
    try:
        commands()
    except EmbeddedError as error:
        click.echo(error, err=True)
        sys.exit(1)


@click.group()
def commands() -> None:
    """A real Kafka and a real Elasticsearch on this machine, without Docker."""


@commands.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("data"), help="Where everything is kept.")
@click.option("--kafka-port", default=0, help="0 is any free port.")
@click.option("--elasticsearch-port", default=0, help="0 is any free port.")
def up(data: Path, kafka_port: int, elasticsearch_port: int) -> None:
    """Run both servers until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = Stack(
        data,
        BROKER_CONFIG,
        kafka_port=kafka_port,
        elasticsearch_port=elasticsearch_port,
        report_progress=_print_progress,
    )
    with suppress(KeyboardInterrupt), stack:
        click.echo(f"NEWSLOOM_KAFKA__BOOTSTRAP_SERVERS={stack.bootstrap_servers}")
        click.echo(f"NEWSLOOM_ELASTICSEARCH__URL={stack.elasticsearch_url}")
        sys.stdout.flush()
        while stack.kafka.child.wait(0.5) is None and stack.elasticsearch.child.alive:
            pass
        ended = stack.elasticsearch if stack.kafka.child.alive else stack.kafka
        raise ended.child.failure("has ended by itself")


@commands.command()
def setup() -> None:
    """Download and check the servers' jars, compile the analysis modules, make the class archives."""
    prepare_servers(BROKER_CONFIG, _print_progress)
    _print_progress("Kafka and Elasticsearch are installed")


@commands.command()
def lock() -> None:
    """Resolve the servers' jars anew and write embedded/jars.lock."""
    jars.write_lock(_print_progress)


def _print_progress(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
