"""Settings: reads config/settings.toml and the environment into one frozen `Settings` that is passed down.

In: the environment of the process. Out: `Settings`, read once. Nothing else reads the environment. Every setting, its
meaning and its unit stand in config/settings.toml; one that is missing there, has another name or a wrong type is a
WrongSetting that names it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from pipeline import secrets_file
from pipeline.failures import WrongSetting
from pipeline.setting_rules import setting_sources
from pipeline.setting_rules.setting_names import MOST_TOLD, refuse_unknown_names
from pipeline.setting_rules.setting_ranges import check_ranges
from pipeline.setting_rules.setting_section import Section

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_FILE = ROOT / "config" / "settings.toml"
FILE_VARIABLE = "NEWSLOOM_SETTINGS"  # read by this module itself, no setting


class Kafka(Section, frozen=True):
    """[kafka]; `password` comes from the environment or the secrets file only."""

    bootstrap_servers: str
    prefix: str
    partitions: int
    replication_factor: int
    compression: Literal["zstd", "gzip", "none"]
    max_message_bytes: int
    session_timeout_seconds: float
    acknowledge_timeout_seconds: float
    security: Literal["none", "tls", "password", "password_tls"]
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]
    username: str
    ca_file: str
    password: str = ""


class Worker(Section, frozen=True):
    """[worker]: the Kafka loop of every stage."""

    batch_records: int
    batch_seconds: float
    poll_seconds: float
    retry_first_seconds: float
    retry_most_seconds: float
    stop_after_bugs: int
    most_backlog: int


class Ingest(Section, frozen=True):
    """[ingest]: polling feeds, fetching and reading pages."""

    feeds: str
    contact: str
    interval_seconds: float
    interval_least_seconds: float
    interval_most_seconds: float
    retry_first_seconds: float
    retry_most_seconds: float
    unconditional_every: int
    silence_certainty: float
    silence_gap_factor: float
    silence_least_hours: float
    move_after_days: float
    connect_timeout_seconds: float
    read_timeout_seconds: float
    total_timeout_seconds: float
    max_feed_bytes: int
    max_page_bytes: int
    max_redirects: int
    connections: int
    connections_per_host: int
    host_gap_seconds: float
    robots: bool
    crawl_delay_most_seconds: float
    ports: str
    archive_dir: str
    page_attempts: int
    page_retry_seconds: float
    extract_processes: int
    extract_timeout_seconds: float
    extract_memory_bytes: int
    max_text_chars: int
    article_pages: int
    remember_entries: int
    revisit_hours: str
    revisit_share: float
    revisit_most_articles: int
    allow_private_addresses: bool


class Enrich(Section, frozen=True):
    """[enrich]: the stages annotate and stories."""

    entity_words: int
    entity_models: str
    duplicate_window_days: int
    story_window_days: int
    story_threshold: float
    story_most_open: int


class Elasticsearch(Section, frozen=True):
    """[elasticsearch]; `password` and `api_key` come from the environment or the secrets file only."""

    url: str
    prefix: str
    username: str
    ca_file: str
    replicas: int
    bulk_bytes: int
    timeout_seconds: float
    item_retries: int
    keep_months: int
    repository: str
    keep_snapshots: int
    password: str = ""
    api_key: str = ""


class Watches(Section, frozen=True):
    """[watches]; `webhook_secret` and `smtp_password` come from the environment or the secrets file only."""

    file: str
    interval_seconds: float
    articles_at_a_time: int
    feeds_dir: str
    feed_entries: int
    timeout_seconds: float
    retry_first_seconds: float
    retry_most_seconds: float
    give_up_hours: float
    smtp_host: str
    smtp_port: int
    smtp_security: Literal["starttls", "tls", "none"]
    smtp_username: str
    mail_from: str
    webhook_secret: str = ""
    smtp_password: str = ""


class Web(Section, frozen=True):
    """[web]: the page; `password` comes from the environment or the secrets file only."""

    host: str
    port: int
    host_names: str
    changes: bool
    timeout_seconds: float
    password: str = ""


class Freshness(Section, frozen=True):
    """[freshness]: how soon what was found is to be searchable, and for which share of the articles."""

    target_seconds: float
    target_share: float


class Alerts(Section, frozen=True):
    """[alerts]: what operators are told of; mails and signatures are those of [watches]."""

    file: str
    interval_seconds: float
    gather_seconds: float


class Kibana(Section, frozen=True):
    """[kibana]; `password` comes from the environment or the secrets file only."""

    url: str
    username: str
    ca_file: str
    password: str = ""


class Access(Section, frozen=True):
    """[access]: the passwords of the users that `newsloom setup` makes, all from the environment or the secrets file.

    A user without one is not made.
    """

    ingest: str = ""
    annotate: str = ""
    stories: str = ""
    index: str = ""
    watch: str = ""
    web: str = ""
    reader: str = ""
    kibana: str = ""


class Embedded(Section, frozen=True):
    """[embedded]: the servers that `newsloom run` starts."""

    kafka_port: int
    elasticsearch_port: int
    heap: str
    min_free_bytes: int


class Service(Section, frozen=True):
    """[service]: health page and log of every process."""

    health_port: int
    health_host: str
    log_format: Literal["json", "console"]
    log_level: Literal["debug", "info", "warning", "error"]


class Display(Section, frozen=True):
    """[display]"""

    time_zone: str
    pager: bool

    def zone(self) -> ZoneInfo:
        """The zone in which people read and type times. Raises WrongSetting."""
        try:
            return ZoneInfo(self.time_zone)
        except (LookupError, ValueError, OSError) as error:
            raise WrongSetting(f"display.time_zone = {self.time_zone[:MOST_TOLD]!r} is no time zone") from error


class Settings(Section, frozen=True):
    """All sections."""

    kafka: Kafka
    worker: Worker
    ingest: Ingest
    enrich: Enrich
    elasticsearch: Elasticsearch
    watches: Watches
    web: Web
    freshness: Freshness
    alerts: Alerts
    kibana: Kibana
    access: Access
    embedded: Embedded
    service: Service
    display: Display

    def feeds_file(self) -> Path:
        """The feed list, as an absolute path."""
        return ROOT / self.ingest.feeds

    def watches_file(self) -> Path:
        """The file of watches, as an absolute path; it need not be there."""
        return ROOT / self.watches.file

    def alerts_file(self) -> Path:
        """The file of rules about alerts, as an absolute path; it need not be there."""
        return ROOT / self.alerts.file


def load(environment: Mapping[str, str]) -> Settings:
    """The settings for a process with this environment. Raises WrongSetting."""
    path = Path(environment.get(FILE_VARIABLE) or DEFAULT_FILE)
    tree = setting_sources.read_toml(path)
    setting_sources.refuse_secrets(tree, path)
    refuse_unknown_names(tree, {each.name: each.type for each in msgspec.structs.fields(Settings)}, path)
    name = environment.get(secrets_file.VARIABLE)
    secrets = secrets_file.read_secrets(name) if name else {}
    for variable, value in {**secrets, **environment}.items():
        if variable.startswith(setting_sources.PREFIX) and variable not in (FILE_VARIABLE, secrets_file.VARIABLE):
            setting_sources.override(tree, variable, value)
    return _checked(tree, path)


def _checked(tree: dict[str, Any], path: Path) -> Settings:
    try:
        settings = msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        raise WrongSetting(f"wrong setting in {path} or the environment: {error}") from error
    settings.display.zone()
    check_ranges(settings)
    for knob, url in (("elasticsearch.url", settings.elasticsearch.url), ("kibana.url", settings.kibana.url)):
        if "@" in url:  # it would be shown wherever the address is: in logs, in `doctor`, in addresses.json
            variable = f"{setting_sources.PREFIX}{knob.split('.')[0].upper()}__PASSWORD"
            raise WrongSetting(f"{knob} names a user: set its username, and the password as {variable}")
    return settings
