from enrich.entities.mention import ArticleText
from enrich.entities.named_entities import DocumentEntities, find_entities


def read(text: str, title: str = "", language: str = "en") -> DocumentEntities:
    return find_entities([ArticleText(title, text, language)], 300)[0]


def test_countries_have_codes_and_cities_coordinates() -> None:
    found = read("The minister flew from Ankara to Paris, said officials in Turkey and France.")
    places = {place.name: place for place in found.places}
    assert places["Ankara"].country == "TR"
    assert places["Paris"].geoname == 2988507
    assert (round(places["Paris"].latitude or 0), round(places["Paris"].longitude or 0)) == (49, 2)
    assert {"TR", "FR"} == {*found.countries}


def test_a_city_is_looked_for_in_the_countries_of_the_text() -> None:
    alone = read("He lives in Birmingham and works in Leeds.")
    there = read("He lives in Birmingham, said the governor of Alabama.")
    assert [place.country for place in alone.places if place.name == "Birmingham"] == ["GB"]
    assert [place.country for place in there.places if place.name == "Birmingham"] == ["US"]


def test_demonyms_tell_the_main_country() -> None:
    text = "The Polish government and the Polish president quarrel. Polish courts wait. A German company is asked."
    assert read(text).main_country == "PL"


def test_the_title_weighs_more() -> None:
    text = "Ships leave. Officials in Greece and in Greece's ports agreed."
    assert read(text, "Turkey opens its ports to ships from everywhere, Turkey says").main_country == "TR"


def test_countries_are_known_in_other_languages() -> None:
    assert read("Hier, le ministre a parlé de la Turquie et de l'Allemagne.", language="fr").countries == ("DE", "TR")
    assert read("Am Montag war er in Frankreich.", language="fr").main_country is None


def test_every_entity_of_a_place_says_its_country() -> None:
    found = {each.key: each.country for each in read("He went to Texas, then to Kyiv and to Germany.").entities}
    assert (found["texas"], found["kyiv"], found["germany"]) == ("US", "UA", "DE")
