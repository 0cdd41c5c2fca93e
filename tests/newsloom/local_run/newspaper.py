"""A newspaper of three towns behind one feed, for runs of the whole pipeline."""

from pathlib import Path

from newsloom.demo.local_site import Resource, Site
from tests.journeys.corpus_site import feed_list

TOWNS = ("Aldis", "Merrow", "Halven")
PAGE = (
    "<html lang='en'><head><title>The bridge of {0}</title></head><body><article><h1>The bridge of {0}</h1>"
    "<p>The council of {0} met on Tuesday to decide about the old bridge that carries the only road.</p>"
    "<p>Engineers had warned for years that its pillars would not carry the traffic of a growing town.</p>"
    "<p>The mayor of {0} said that a new bridge would cost eleven million and take three summers to build.</p>"
    "</article></body></html>"
)


def print_papers(site: Site, feeds: Path, towns: tuple[str, ...] = TOWNS) -> Path:
    """Puts a paper on the site and writes the list of its feed."""
    items = "".join(f"<item><title>{town}</title><link>{site.url}/{town}</link></item>" for town in towns)
    rss = f'<rss version="2.0"><channel><title>A</title>{items}</channel></rss>'
    site.resources["/rss.xml"] = Resource(rss.encode(), "application/rss+xml")
    for town in towns:
        site.resources[f"/{town}"] = Resource(PAGE.format(town).encode())
    return feed_list(feeds, [f"{site.url}/rss.xml"])
