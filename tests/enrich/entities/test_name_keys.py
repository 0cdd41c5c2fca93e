"""Which spellings are one name, and which never are: tables written for this test from public knowledge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.entities.name_keys import clean_name, name_key

SAME = """
Türkiye | Turkey
Türkiye | Turkiye
Republic of Türkiye | Turkey
Öncü Keçeli | Oncu Keceli
Recep Tayyip Erdoğan | Recep Tayyip Erdogan
President Erdoğan | Mr. Erdogan
President Recep Tayyip Erdoğan | Recep Tayyip Erdogan
Abdel Fattah el-Sissi | Abdel-Fattah El-Sisi
Abdel Fattah al-Sisi | Abdel Fattah El Sisi
US | United States
U.S. | United States
USA | U.S.A.
United States of America | US
the United States | America
UK | United Kingdom
U.K. | Great Britain
Britain | UK
UAE | United Arab Emirates
Ivory Coast | Côte d'Ivoire
Czechia | Czech Republic
Burma | Myanmar
Holland | the Netherlands
East Timor | Timor-Leste
Swaziland | Eswatini
Cape Verde | Cabo Verde
DR Congo | Democratic Republic of the Congo
North Korea | DPRK
South Korea | Republic of Korea
Russia | Russian Federation
Bosnia | Bosnia and Herzegovina
Macedonia | North Macedonia
Syria | Syrian Arab Republic
Viet Nam | Vietnam
Volodymyr Zelensky | Volodymyr Zelenskyy
Volodymyr Zelenskiy | Volodymyr Zelenskyi
Sergey Lavrov | Sergei Lavrov
Alexei Navalny | Aleksei Navalny
Alexey Navalny | Alexei Navalny
Dmitry Medvedev | Dmitri Medvedev
Yevgeny Prigozhin | Evgeny Prigozhin
Muammar Gaddafi | Moammar Gadhafi
Muammar Qaddafi | Muammar Kadafi
Muhammad Ali | Mohammed Ali
Mohammad Zarif | Mohammed Zarif
Saddam Hussein | Saddam Hussain
Gamal Abdel Nasser | Jamal Abdul Nasser
Bashar al-Assad | Bashar Al Asad
Hassan Rouhani | Hasan Rohani
Kim Jong Un | Kim Jong-un
Park Geun-hye | Park Geun Hye
Ban Ki-moon | Ban Ki Moon
Emmanuel Macron | EMMANUEL MACRON
José Mourinho | Jose Mourinho
Łukasz Fabiański | Lukasz Fabianski
Søren Kierkegaard | Soren Kierkegaard
Angela Merkel’s | Angela Merkel
Chancellor Angela Merkel | Angela Merkel
Secretary of State Antony Blinken | Antony Blinken
Gen. Mark Milley | Mark Milley
Sen. Bernie Sanders | Bernie Sanders
Prime Minister Benjamin Netanyahu | Benjamin Netanyahu
former President Barack Obama | Barack Obama
Sinéad O'Connor | Sinead O’Connor
Seán O’Casey | Sean O'Casey
EU | European Union
E.U. | European Union
UN | United Nations
U.N. | the United Nations
NATO | North Atlantic Treaty Organization
WHO | World Health Organization
World Health Organisation | World Health Organization
FBI | Federal Bureau of Investigation
F.B.I. | FBI
The New York Times | New York Times
State Department | Department of State
GOP | Republican Party
ISIS | Islamic State
Hezbollah | Hizbollah
Apple Inc. | Apple
Volkswagen AG | Volkswagen
Johnson & Johnson | Johnson and Johnson
"""

OTHER = """
George W. Bush | George H. W. Bush
George W. Bush | George Bush
Donald Trump | Donald Trump Jr.
Donald Trump | Melania Trump
Donald Trump | Ivanka Trump
Barack Obama | Michelle Obama
Bill Clinton | Hillary Clinton
Hunter Biden | Joe Biden
Martin Luther | Martin Luther King
Martin Luther King Sr. | Martin Luther King Jr.
Kim Jong Un | Kim Jong Il
Kim Jong Il | Kim Il Sung
Vladimir Putin | Volodymyr Putin
Vladimir Zelensky | Volodymyr Zelensky
Ed Miliband | David Miliband
Boris Johnson | Lyndon Johnson
Mike Johnson | Ron Johnson
Raul Castro | Fidel Castro
Fidel Castro | Joaquin Castro
Jair Bolsonaro | Eduardo Bolsonaro
Marine Le Pen | Jean-Marie Le Pen
Jean-Marie Le Pen | Marion Marechal Le Pen
Bashar al-Assad | Hafez al-Assad
Muhammad bin Salman | Muhammad bin Zayed
Muhammad Ali | Ali Muhammad
Hakan Fidan | Hakan Sukur
Ali Khamenei | Ruhollah Khomeini
Serena Williams | Venus Williams
Robin Williams | Robbie Williams
Michael Jordan | Michael B. Jordan
Andrew Johnson | Andrew Jackson
Samuel Johnson | Samuel L. Jackson
Pope Francis | Pope Benedict
Pope Francis | Francis
King Charles III | Charles II
Prince William | Prince Harry
Elizabeth I | Elizabeth II
Ana Silva | Ann Silva
Eric Adams | Erica Adams
Daniel Craig | Danielle Craig
Mario Monti | Maria Monti
Jan Kowalski | Jana Kowalski
Niger | Nigeria
Iran | Iraq
Austria | Australia
Slovakia | Slovenia
Dominica | Dominican Republic
Guinea | Guinea-Bissau
Guinea | Equatorial Guinea
Guinea | Papua New Guinea
North Korea | South Korea
Sudan | South Sudan
Ireland | Northern Ireland
England | United Kingdom
Mauritius | Mauritania
China | Taiwan
Congo-Brazzaville | DR Congo
Georgia | South Georgia
Gambia | Zambia
us | US
who | WHO
ice | ICE
Labour Party | Labor Party
Labour Party | Conservative Party
Real Madrid | Atlético Madrid
Manchester United | Manchester City
Oxford University | Oxford Brookes University
Deutsche Bank | Deutsche Bahn
General Motors | General Electric
World Bank | World Trade Organization
The Times | The New York Times
Washington | Washington Post
European Commission | European Council
Department of Justice | Department of State
New York | New York Times
"""


def pairs(table: str) -> list[tuple[str, str]]:
    return [
        (one.strip(), other.strip()) for one, _, other in (row.partition("|") for row in table.strip().splitlines())
    ]


def test_the_tables_are_as_long_as_they_should_be() -> None:
    assert len(set(pairs(SAME))) >= 60
    assert len(set(pairs(OTHER))) >= 60


@pytest.mark.parametrize(("one", "other"), pairs(SAME))
def test_spellings_of_one_name_meet(one: str, other: str) -> None:
    assert name_key(clean_name(one)) == name_key(clean_name(other))


@pytest.mark.parametrize(("one", "other"), pairs(OTHER))
def test_two_names_never_meet(one: str, other: str) -> None:
    assert name_key(clean_name(one)) != name_key(clean_name(other))


def test_countries_meet_across_languages() -> None:
    assert name_key("Turquie", "fr") == name_key("Türkei", "de") == name_key("Turquía", "es") == name_key("Turkey")
    assert name_key("États-Unis", "fr") == name_key("Соединенные Штаты", "ru") == name_key("US")


@given(st.text(max_size=200))
def test_any_text_has_a_key_that_stays(text: str) -> None:
    key = name_key(clean_name(text))
    assert key == name_key(clean_name(text))
    assert len(key) <= 400


@pytest.mark.parametrize(
    ("name", "language", "key"),
    [
        ("नरेंद्र मोदी", "hi", "नरेंद्र मोदी"),  # vowel signs and joined consonants are letters, no accents
        ("কেসমত আলী", "bn", "কেসমত আলী"),
        ("Россией", "ru", "russia"),
        ("Deutschlands", "de", "germany"),
        ("Ukrainie", "pl", "ukraine"),
        ("德国", "zh", "germany"),
    ],
)
def test_keys_in_many_scripts_and_countries_in_any_case(name: str, language: str, key: str) -> None:
    assert name_key(name, language) == key
