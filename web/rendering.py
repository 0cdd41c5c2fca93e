"""Rendering: puts a page's view into its template. Every value is escaped (jinja2's autoescape); no template switches
it off, and a test says so.

In: a Shown. Out: HTML. Links to publishers are http or https, or none.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from enrich.gazetteer import country_name
from enrich.language_names import language_name
from pipeline.printable import UNSAFE
from web.frame import Shown
from web.parts.article_link import article_path, name_path, story_path
from web.parts.script_direction import direction_of

FOLDER = Path(__file__).resolve().parent
CONTENT_TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that we serve, and the beginning of its hash: a new content has a new address."""

    body: bytes
    content_type: str
    version: str


def read_static_files() -> dict[str, StaticFile]:
    """The files of web/static, by name."""
    return {path.name: _static_file(path) for path in sorted((FOLDER / "static").iterdir()) if path.is_file()}


def _static_file(path: Path) -> StaticFile:
    body = path.read_bytes()
    return StaticFile(body, CONTENT_TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:12])


class Renderer:
    """The templates, and what they may call. `navigation`: path and name of what stands on every page."""

    def __init__(
        self, zone: ZoneInfo, navigation: tuple[tuple[str, str], ...], static: Mapping[str, StaticFile], *, locked: bool
    ) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_visible,
        )
        self._templates.filters |= {
            "time": lambda at: _show_time(at, zone),
            "day": lambda at: at.astimezone(zone).strftime("%Y-%m-%d"),
            "number": lambda number: f"{number:,}",
            "link": web_link,
            "article_path": article_path,
            "story_path": story_path,
            "name_path": name_path,
            "segment": lambda text: quote(str(text), safe=""),
            "direction": direction_of,
            "country": country_name,
            "language": language_name,
        }
        self._templates.globals |= {
            "navigation": navigation,
            "static": lambda name: f"/static/{name}?v={static[name].version}",
            "locked": locked,
        }

    def render(self, shown: Shown, path: str) -> str:
        """The page in HTML. `path`: that which was asked for, with its query."""
        template = self._templates.get_template(shown.template)
        return template.render(view=shown.view, title=shown.title, refresh=shown.refresh, path=path)


def web_link(url: str) -> str:
    """The address, if a browser may be sent there: http or https; else ""."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def _visible(value: Any) -> Any:
    """A value without control characters and overrides of direction, which nobody sees and which mislead."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return UNSAFE.sub(lambda found: found[0] if found[0] in "\n\t" else "\N{REPLACEMENT CHARACTER}", value)


def _show_time(at: datetime, zone: ZoneInfo) -> str:
    try:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    except OverflowError:
        return at.strftime("%Y-%m-%d %H:%M")
