"""What an article names: an entity, and a place on the map. Parts of a message, Annotated (pipeline/messages)."""

from typing import Literal

import msgspec

EntityType = Literal["person", "organisation", "place", "other"]


class Entity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person, organisation or place named in an article."""

    name: str  # as most often written in the article
    key: str  # the same for all spellings
    type: EntityType
    count: int
    canonical: str = ""  # the name in its full form: of the article, of other articles, of the lists of names
    offsets: tuple[tuple[int, int], ...] = ()  # start and end of each mention in f"{title}\n{text}", in characters
    salience: float = 0.0  # how much the article is about it, 0 to 1
    country: str | None = None  # of a place: ISO 3166-1 alpha-2


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A country or a city that an article names."""

    name: str
    kind: Literal["country", "city"]
    country: str  # ISO 3166-1 alpha-2
    latitude: float | None = None  # degrees, of a city
    longitude: float | None = None
    geoname: int | None = None  # GeoNames' id of a city
    count: int = 1
