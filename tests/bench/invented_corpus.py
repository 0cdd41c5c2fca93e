"""A small corpus of invented pages and articles, laid out as ../shared/corpus."""

import gzip
import json
from pathlib import Path

SENTENCES = (
    "The council of {town} voted on Tuesday to repair the old bridge before winter.",
    "Engineers had warned that its pillars would not bear another flood like that of last year.",
    "The works will cost {number} million and take about eight months, the mayor said.",
    "Shopkeepers on the east bank fear that customers will stay away while the bridge is closed.",
    "A ferry will carry people on foot and on bicycles across the river every ten minutes.",
    "The opposition wanted a new bridge instead and called the decision a waste of money.",
)
TOWNS = ("Oberwald", "Marrow Bay", "Saint Ives", "Kirchau", "Doverton", "Lindholm", "Pont Neuf", "Greyfield")


def write_corpus(folder: Path, pages: int, articles: int) -> Path:
    """Writes the corpus and returns its folder."""
    for name in ("aeb", "fundus", "trafilatura"):
        (folder / "pages" / name).mkdir(parents=True)
        (folder / "pages" / name / "truth.jsonl").touch()
    with (folder / "pages" / "aeb" / "truth.jsonl").open("w") as truth:
        for number in range(pages):
            truth.write(json.dumps(_write_page(folder / "pages" / "aeb", number)) + "\n")
    (folder / "background").mkdir()
    with gzip.open(folder / "background" / "articles.jsonl.gz", "wt") as lines:
        for number in range(articles):
            lines.write(
                json.dumps({"title": _title(number + pages), "text": "\n\n".join(_text(number + pages))}) + "\n"
            )
    return folder


def page_of(number: int) -> bytes:
    """An article's page with what stands around an article."""
    told = {"@type": "NewsArticle", "headline": _title(number), "datePublished": "2019-05-04T10:00:00Z"}
    paragraphs = "".join(f"<p>{sentence} {sentence}</p>" for sentence in _text(number))
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{_title(number)}</title>"
        f'<script type="application/ld+json">{json.dumps(told)}</script></head>'
        f"<body><nav><p><a href='/'>Home</a></p></nav><h1>{_title(number)}</h1>"
        f"<article>{paragraphs}</article><footer>All rights reserved</footer></body></html>"
    ).encode()


def _write_page(folder: Path, number: int) -> dict[str, str]:
    (folder / f"{number}.html.gz").write_bytes(gzip.compress(page_of(number)))
    url = f"https://paper{number}.example/{number}-{_town(number).lower().replace(' ', '-')}-repairs-its-bridge.html"
    return {"file": f"{number}.html.gz", "url": url, "title": _title(number), "text": "\n".join(_text(number))}


def _town(number: int) -> str:
    return TOWNS[number % len(TOWNS)]


def _title(number: int) -> str:
    return f'{_town(number)} repairs its "old" bridge number {number}'


def _text(number: int) -> list[str]:
    return [sentence.format(town=_town(number), number=number + 3) for sentence in SENTENCES]
