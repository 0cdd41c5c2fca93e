"""Person names: takes the names of people out of a byline, and tells names from offices, agencies and phrases. Pure.

In: a byline ("By Jane Doe and John Roe, Berlin | 3 min read"), or a name that a page states. Out: names.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from ingest.page.structured_data import single_line

BYLINE_START = re.compile(
    r"^\W*(?:(?:posted|published|written|words|story|report|reporting|analysis|opinion|reviewed|article|review|"
    r"a blog) by|(?:eingestellt|gepostet|geschrieben|veröffentlicht|verfasst|erstellt) (?:von|durch)|"
    r"(?:publicado|postado|escrito) por|(?:publié|écrit) par|(?:scritto|pubblicato) da|geschreven door|"
    r"skrevet av|skriven av|(?:ein )?(?:artikel|(?:blog|gast)?-? ?(?:beitrag|kommentar)) von|"
    r"(?:guest|blog) post by|a cura di|"
    r"by|von|vom|par|por|di|av|af|aan|door|per|oleh|od|autor(?:in|es|a|s)?|autor:in|authors?|aut(?:eur|rice)s?|"
    r"autore|autori|author name|text[eo]?|testo|yazan|haber|penulis|reporter|tekst|redactie|автор|文|記者|记者|撰文"
    r")\b[:：\s]+",
    re.IGNORECASE,
)
# between the names of a byline and what else it says ("Jane Doe | 3 min read"); and what ends the names of such a part
PART_END = re.compile(r"\s[–—-]\s|[|•·\n]")
NAMES_END = re.compile(
    r"[(\[…]|\s*(?:@|https?:)|\s(?:in|from|at|aus|for|für|à|updated|[Pp]ublished|on)\s|"
    r"\s(?:기자|특파원|논설위원|記者|记者)|\s(?=[^\W\d_]+\.? \d{1,2}\b)|,?\s(?=\d{1,2}\.? [^\W\d_]+ \d{4}\b)"
)
NICKNAME = re.compile(r"^(?P<first>[^\W\d_]+) \((?P<middle>[^()]{1,30})\)(?= [^\W\d_])")  # "Jane (Jay) Doe"
NAME_SEPARATOR = re.compile(
    r"(?:\s*[;,/&+]\s*|\s+)(?:and|und|et|y|e|og|och|en|with|mit|ve|dan|и|avec|con)\s+|\s*[;,/&+、・]\s*", re.IGNORECASE
)
# words of offices, roles, agencies and pages, which no name of a person has
NOT_A_PERSON = re.compile(
    r"\b(?:staff|reporters?|editors?|editorial|correspondents?|writers?|newsroom|news|desk|team|agenc\w+|media|"
    r"admin\w*|\w*redaktion\w*|\w*redakteur\w*|redazione|r[ée]daction|redacci[óo]n|redac[çc][ãa]o|redactie|"
    r"redaksjon\w*|redaksi|toimitus|online|agenturen|bureau|min read|updated|published|contributors?|columnist|"
    r"journalist\w*|producer|webmaster|support|unknown|anonym\w*|user|verlag|zeitung|nachrichten|"
    r"magazin(?:e|es|s)?|ajans[ıi]|haber(?:i|ler\w*|t[uü]rk)?|merkezi|"
    r"afp|reuters|dpa|apa|ansa|(?-i:EFE)|lusa|ntb|sda|upi|tass|kyodo|xinhua|com|net|org|inc|ltd|gmbh|www|"
    r"editorial board|university|institut\w*|ministry|department|foundation|stiftung|verein|e\.v|"
    r"association|partei|club|group|corp(?:orat\w+)?|company|website|blog|podcast|profile?|profil|follow|share|home|"
    r"tv|radio|times|tribune|gazette|chronicle|author|autor(?:in|innen|en|es|a|as)?|subscribe|newsletter|read more|"
    r"about|comments?|image|photo(?:s|graph\w*)?|picture|by|bio|(?:view|see|show|read) (?:all|more|my|full))\b|"
    r"@|https?:|www\.|\d|[<>{}=_|#!?]|^\S+\.[a-z]{2,4}$",
    re.IGNORECASE,
)
# names of agencies and papers whose words may be parts of people's names; and words that are a name only with others
AGENCY = re.compile(
    r"(?:the )?(?:associated press|press association|pa media|canadian press|agence france.presse|ap|pa|tt|"
    r"deutsche presse.agentur|bloomberg|(?:washington|new york|huffington|jerusalem|denver|jakarta|bangkok|national|"
    r"financial|south china morning|saturday evening|daily|sunday|morning|evening) (?:post|times|mail|star|sun)|"
    r"(?:new york|financial|los angeles|irish|sunday|japan|straits) times|press trust of india)",
    re.IGNORECASE,
)
NEVER_ALONE = re.compile(
    r"(?:post|read|press|service|guest|chief|senior|times|today|daily|tv|radio|author|autor(?:in|en|es|a|as)?|byline|name|date|more|"
    r"the|von|di|da|par|por|gast(?:autor\w*|beitrag)?|team|editor|all|follow|share|print|email|twitter|facebook|written|posted|"
    r"submitted|google|"
    r"[A-Z]{2,4})",
)
# small words within names, which have no capital
PARTICLES = frozenset(
    (
        "abu", "af", "al", "av", "ben", "bin", "bint", "d'", "da", "dal", "dalla", "das", "de", "del", "della", "delle",
        "den", "der", "des", "di", "do", "dos", "du", "e", "el", "ibn", "in't", "l'", "la", "las", "le", "los", "mac",
        "mc", "o'", "st.", "'t", "te", "ten", "ter", "und", "van", "von", "y", "zu", "zum", "zur",
    )
)  # fmt: skip
WORD = re.compile(r"[^\W\d_]+(?:[’'.-][^\W\d_]+)*")
INVERTED = re.compile(r"([^\W\d_][^,;]{0,30}),\s*([^,;]{1,30})")
ARTICLE_WORD = re.compile(r"^(?:the|der|die|das|le|la|les|el|il|de|het)\s+", re.IGNORECASE)
MOST_AUTHORS = 12
MOST_WORDS = 7
MOST_VISIBLE_WORDS = 5  # of a name that stands in the page alone
MOST_LETTERS = 60


def parse_bylines(bylines: Iterable[str], sites: Iterable[str] = (), stated: bool = True) -> tuple[str, ...]:
    """The names of the people in bylines ("By Jane Doe and John Roe"), each once, in order, MOST_AUTHORS at most.

    `sites`: the names of the site; `stated`: the bylines are from the page's data, and not from what it shows.
    """
    own = {_site_key(site) for site in sites if site}
    return merge_names(_people(byline, own, stated) for byline in bylines if "://" not in byline)


def _people(byline: str, own: set[str], stated: bool) -> list[str]:
    """The people in the first part of a byline that names any."""
    for part in split_names(byline):
        people = [name for name in part if _site_key(name) not in own and is_person(name, stated)]
        if people:
            return people
    return []


def merge_names(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """The names of all groups, each once, in order, MOST_AUTHORS at most."""
    found: dict[str, str] = {}
    for name in chain.from_iterable(groups):
        found.setdefault(_letters_only(name), name)
    return tuple(found.values())[:MOST_AUTHORS]


def holds_name(bylines: Iterable[str], stated: bool) -> bool:
    """Whether there is a name of a person in bylines; `stated` as for `parse_bylines`."""
    return bool(parse_bylines(bylines, stated=stated))


def _letters_only(name: str) -> str:
    return single_line("".join(filter(str.isalnum, name))).casefold()


def _site_key(name: str) -> str:
    return _letters_only(ARTICLE_WORD.sub("", name))


def split_names(byline: str) -> Iterator[list[str]]:
    """The parts of a byline that marks such as "|" divide, each as the names in it: "Jane Doe | 3 min read"."""
    for part in PART_END.split(byline):
        line = NICKNAME.sub(r"\g<first> \g<middle>", _strip_start(single_line(part)))
        yield list(_names_of_part(NAMES_END.split(line, maxsplit=1)[0]))


def _names_of_part(named: str) -> Iterator[str]:
    inverted = INVERTED.fullmatch(named)
    parts = [part for part in NAME_SEPARATOR.split(named) if part and part.strip()]
    if inverted and _is_inverted(*inverted.groups()):
        parts = [f"{inverted[2]} {inverted[1]}"]
    elif len(parts) == 2 and _is_one_name(named, parts):
        parts = [named]
    names = [name for part in parts if (name := _strip_start(part).strip(" .,:'\"*-–—"))]
    # beside others, a single word is a town or an office: "Jane Doe, London"
    several = len(names) > 1 and "," in named
    yield from (name for name in names if not several or len(WORD.findall(name)) > 1 or name.upper() == name.lower())


def _strip_start(byline: str) -> str:
    return BYLINE_START.sub("", BYLINE_START.sub("", byline))


def _is_inverted(surname: str, first: str) -> bool:
    """Whether "Doe, Jane" is one name: one word on each side, or a middle name on the right."""
    left, right = surname.split(), first.split()
    names = all(WORD.fullmatch(word.rstrip(".")) for word in (*left, *right))
    plain = not NOT_A_PERSON.search(surname) and not NOT_A_PERSON.search(first)
    small = {word.lower() for word in left} & PARTICLES
    return names and plain and (len(left) == 1 or bool(small)) and len(right) <= 2 and len(left) <= 3


def _is_one_name(named: str, parts: list[str]) -> bool:
    """Whether what joins two parts belongs to a name: "José Ortega y Gasset"."""
    alone = any(len(WORD.findall(part)) == 1 for part in parts)
    joined = re.search(r"\s(?:y|e|i)\s", named)
    return bool(alone and joined) and not NOT_A_PERSON.search(named) and len(named.split()) > 3


def is_person(name: str, stated: bool = True) -> bool:
    """Whether a text can be the name of a person.

    `stated`: a page says in its data that it is one. Elsewhere, a name has two to five words with capitals.
    """
    words = WORD.findall(name)
    if not words or len(name) > MOST_LETTERS or len(words) > MOST_WORDS:
        return False
    if NOT_A_PERSON.search(name) or AGENCY.fullmatch(name):
        return False
    cased = name.upper() != name.lower()
    if len(words) == 1 and cased:
        return stated and len(name) > 1 and not NEVER_ALONE.fullmatch(name) and not NEVER_ALONE.fullmatch(name.lower())
    if stated:
        return name.islower() or not name[:1].islower() or words[0].lower() in PARTICLES
    return not cased or (len(words) <= MOST_VISIBLE_WORDS and _is_capitalised(name))


def _is_capitalised(name: str) -> bool:
    words = name.split()
    return words[-1][:1].isupper() and all(
        word[:1].isupper() or word.lower() in PARTICLES or not word[:1].isalpha() or "'" in word for word in words
    )
