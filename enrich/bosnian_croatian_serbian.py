"""Bosnian, Croatian and Serbian in Latin letters: which of the three a text is, by words that differ. Pure.

In: a text. Out: for each of the three how much its words speak against it, in natural logarithms of odds.

Two facts of their grammars are asked for. The old vowel yat became e in Serbia, and ije or je in Bosnia and Croatia
(vreme, vrijeme); and Croatian has words of its own where the others share theirs (tjedan, sedmica). The words are the
most frequent of those that differ, from descriptions of the standards; names are left out, for they say where, not in
which language; those that misled on DSLCC 2.0 (news) were taken out, and DSLCC 1.0 is what they are measured on
(docs/decisions/0026).
"""

import re
from collections.abc import Mapping

CODES = ("bs", "hr", "sr")
WEIGHT = 1.5  # of a word
# words may be quoted or borrowed: together they weigh no more than this, which is less than what a site says of itself
MOST_WEIGHT = 2.5

WITH_E = re.compile(
    r"\b(?:(?:pos|us)le|ne?gde|gde|ovde|pre|mest[aou]|svet(?:a|u|om|sk\w+)?|dec[aeu]|(?:pot)?predsedni\w+|nedelj\w+|"
    r"ponedelj\w+|sred[au]|uvek|vreme|mer[aeu]|mesec\w*|cen[aeu]|izvešta\w+|obavešt\w+|primer\w*|verovat\w*|promen\w+|"
    r"izmen\w+|zamen\w+|poset\w+|savet\w*|oseć\w+|nemač\w+|sever\w*|reše\w+|reši\w+|dve|obe|uspe[hlošn]\w*|umesto|"
    r"vest(?:i|ima)?|lekar\w*|zvezd\w+|pretnj\w+|predlog\w*|sledeć\w+|poslednj\w+|sused\w*|podel\w+|bezbedn\w+|"
    r"pobed\w+|vredn\w+|deo|ceo|čovek\w*|zahtev\w*|vek(?:a|u|ova)?)\b",
    re.IGNORECASE,
)
WITH_JE = re.compile(
    r"\b(?:poslije|n?i?gdje|negdje|ovdje|prije|mjest\w*|svijet\w*|svjetsk\w+|djec[aeu]|dijete|(?:pot)?predsjedni\w+|"
    r"sjedni\w+|nedjelj\w+|ponedjelj\w+|srijed[au]|uvijek|vrijeme|mjer\w+|mjesec\w*|cijen\w+|primjer\w*|vjer\w+|"
    r"promjen\w+|izmjen\w+|zamjen\w+|posjet\w+|savjet\w*|osjeć\w+|sjeć\w+|njemač\w+|sjever\w*|rješ\w+|riješ\w+|dvije|"
    r"obje|uspje\w+|uspio|umjesto|vijest\w*|liječ\w+|ljekar\w*|zvijezd\w+|prijetnj\w+|prijedlog\w*|sljedeć\w+|"
    r"posljednj\w+|susjed\w*|podjel\w+|pobjed\w+|vrijedn\w+|dio|dijel\w+|cijel\w+|djel[oau]|djelov\w+|čovjek\w*|"
    r"riječ\w*|rijek\w*|zahtjev\w*|vidje\w+|htje\w+|htio|željel\w+|lijep\w*|tijel\w+|ljet\w+|donije\w+|smije\w*|"
    r"stoljeć\w+|izvješ\w+|obavješ\w+)\b",
    re.IGNORECASE,
)
CROATIAN = re.compile(
    r"\b(?:(?:ne|ni)?tko|tisuć\w+|milijun\w*|tjed(?:an|n\w+)|europ\w+|siječ(?:anj|nj\w+)|veljač\w+|ožuj(?:ak|k\w+)|"
    r"trav(?:anj|nj\w+)|svib(?:anj|nj\w+)|lip(?:anj|nj\w+)|srp(?:anj|nj\w+)|kolovoz\w*|ruj(?:an|n\w+)|listopad\w*|"
    r"studenog\w*|prosin(?:ac|c\w+)|sveučiliš\w+|uvjet\w*|glazb\w+|gospodar\w+|tvrtk\w+|proračun\w*|prijevoz\w*|"
    r"dužnosni\w+|zrakoplov\w*|postrojb\w+|ravnatelj\w*|nazoč\w+|priopć\w+|kruh\w*|znanstven\w+|odvjetni\w+|udrug\w+|"
    r"žup\w+|unatoč|financi\w+|nogomet\w*|tijek\w*|izvješć\w+)\b",
    re.IGNORECASE,
)
NOT_CROATIAN = re.compile(
    r"\b(?:neko|niko|hiljad\w+|milion\w*|sedmic\w+|evrop\w+|januar\w*|februar\w*|mart[au]?|april\w*|maj[au]?|"
    r"jun[aiu]?|jul[aiu]?|avgust\w*|august\w*|septemb\w+|oktob\w+|novemb\w+|decemb\w+|univerzitet\w*|uslov\w*|"
    r"muzi[kčc]\w+|pozori\w+|histor\w+|istorij\w+|ekonoms\w+|privred\w+|budžet\w*|zvanič\w+|fudbal\w*|sao(?:pć|pšt)\w+|"
    r"hl?jeb\w*|nau[kčn]\w+|advokat\w*|sekretar\w*|organizov\w+|finans\w+|takođe|šta|porodic\w+|sistem\w*|štamp\w+|"
    r"tačn\w+|učestv\w+|dešava\w*|opozici\w+)\b",
    re.IGNORECASE,
)


def weigh(text: str) -> Mapping[str, float]:
    """How much the words of a text speak against each of CODES: logarithms of odds, 0 where nothing does."""
    yat = _limited(len(WITH_E.findall(text)) - len(WITH_JE.findall(text)))
    words = _limited(len(CROATIAN.findall(text)) - len(NOT_CROATIAN.findall(text)))
    with_e, with_je, croatian, not_croatian = max(0.0, yat), max(0.0, -yat), max(0.0, words), max(0.0, -words)
    return {"bs": -with_e - croatian, "hr": -with_e - not_croatian, "sr": -with_je - croatian}


def _limited(words: int) -> float:
    return max(-MOST_WEIGHT, min(MOST_WEIGHT, WEIGHT * words))
