"""Renders the demo's newspapers: the invented articles of config/demo as feeds and pages.

In: the data files, the address of each outlet's site, and a time. Out: (body, media type) by path of an outlet's site.
The header of config/demo/newspaper.toml says how the templates are filled. newsloom/commands/demo serves them.
"""

import html
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from pathlib import Path
from string import Template
from typing import Any

FEED_TYPES = {"rss.xml": "application/rss+xml", "atom.xml": "application/atom+xml"}
HTML = "text/html; charset=utf-8"

Files = dict[str, tuple[bytes, str]]


class Newspaper:
    """All outlets of a data folder. `bases`: outlet -> the address of its site; `start`: when the demo began."""

    def __init__(self, folder: Path, bases: Mapping[str, str], start: datetime) -> None:
        self._folder, self._bases, self._start = folder, bases, start
        self._data = tomllib.loads((folder / "newspaper.toml").read_text(encoding="utf-8"))

    @cached_property
    def outlets(self) -> dict[str, dict[str, str]]:
        """Name, tagline and templates of each outlet, by its key."""
        return dict(self._data["outlets"])

    @cached_property
    def articles(self) -> list[dict[str, Any]]:
        """The articles as they stand in the data file."""
        return list(self._data["articles"])

    def files(self, outlet: str, corrected: datetime | None) -> Files:
        """What the outlet's site serves, by path. With `corrected`, as it is later that day: one article was corrected
        at that time, and a paper has reprinted its agency's report."""
        facts = self.outlets[outlet]
        own = [each for each in self.articles if each["outlet"] == outlet and (corrected or "copy_of" not in each)]
        values = [self._values(each, own, corrected) for each in own]
        pages = {f"/news/{each['slug']}": (self._page(value), HTML) for each, value in zip(own, values, strict=True)}
        return {"/feed.xml": (self._feed(outlet, values), FEED_TYPES[facts["feed"]]), **pages}

    def _page(self, values: Mapping[str, str]) -> bytes:
        return self._template("page.html").substitute(values).encode()

    def _feed(self, outlet: str, values: list[dict[str, str]]) -> bytes:
        facts = self.outlets[outlet]
        atom = facts["feed"] == "atom.xml"
        item = self._template(facts["item"])
        items = [item.substitute(self._dated(each, atom)) for each in values]
        updated = max(each["modified"] for each in values)
        feed = {**self._outlet(outlet), "updated": _feed_time(updated, atom), "items": "\n".join(items)}
        return self._template(facts["feed"]).substitute(feed).encode()

    def _dated(self, values: dict[str, str], atom: bool) -> dict[str, str]:
        times = {name: _feed_time(values[name], atom) for name in ("published", "modified")}
        return {**values, **times, "content": html.escape(values["paragraphs"] + values["correction"])}

    def _outlet(self, outlet: str) -> dict[str, str]:
        facts = self.outlets[outlet]
        return {"outlet": facts["name"], "tagline": facts["tagline"], "base": self._bases[outlet]}

    def _values(self, article: dict[str, Any], own: list[dict[str, Any]], corrected: datetime | None) -> dict[str, str]:
        change = article.get("correction", {}) if corrected else {}
        now = {**article, **{name: change[name] for name in ("title", "paragraphs") if name in change}}
        published = self._start - timedelta(minutes=article["minutes_ago"])
        modified = corrected if change and corrected else published
        escaped = {name: html.escape(str(now[name])) for name in ("title", "summary", "section", "author", "caption")}
        base = self._bases[article["outlet"]]
        return {
            **{name: html.escape(value) for name, value in self._outlet(article["outlet"]).items()},
            **escaped,
            "url": f"{base}/news/{article['slug']}",
            "published": published.isoformat(timespec="seconds"),
            "published_text": published.strftime("%d %B %Y, %H:%M"),
            "modified": modified.isoformat(timespec="seconds"),
            "paragraphs": "\n".join(f"<p>{html.escape(each)}</p>" for each in now["paragraphs"]),
            "correction": f"<p class='note'>{html.escape(change['note'])}</p>" if change else "",
            "related": "\n".join(_link(base, each) for each in own if each is not article),
        }

    def _template(self, name: str) -> Template:
        return Template((self._folder / name).read_text(encoding="utf-8"))


def _link(base: str, article: Mapping[str, Any]) -> str:
    return f"<li><a href='{base}/news/{article['slug']}'>{html.escape(article['title'])}</a></li>"


def _feed_time(iso: str, atom: bool) -> str:
    return iso if atom else format_datetime(datetime.fromisoformat(iso))
