"""Answers: what the API answers, field by field. Pure.

They are the structs that `newsloom search --json`, `article --json`, `stories --json` and `story --json` print, and
these around them. FIELDS says what each field is, in whichever struct it stands: the same word for the same thing.
"""

from collections.abc import Mapping

import msgspec

from index.searching.article_search import Hit
from index.searching.story_search import CurrentStory


class ArticlePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the articles that a search finds, copies folded."""

    total: int
    texts: int
    articles: tuple[Hit, ...]
    next: str | None = None


class StoryList(msgspec.Struct, frozen=True, kw_only=True):
    """The stories that most outlets report now."""

    stories: tuple[CurrentStory, ...]


FIELDS: Mapping[str, str] = {
    "added": "The words that each of its changes added, some of them.",
    "alternative_titles": "Other titles of it: of the feed, of the page.",
    "annotator": "Version of the program that found names and the language.",
    "article": "The article itself; of copies the original, or the best of those that were found.",
    "articles": "The texts that were found, or how many articles there are of the last hours.",
    "at": "When the page was fetched that has it.",
    "authors": "Names in its byline.",
    "before": "Articles of the same time before.",
    "belonging": "How sure it is that the text belongs to the entry, 0 to 1.",
    "belonging_reasons": "What speaks for or against that.",
    "canonical": "The name in its full form.",
    "changed": "What the last revision changed.",
    "containment": "Share of its text that the original has, 0 to 1.",
    "content_hash": "Hash of title and text.",
    "copies": "Other articles with the same text.",
    "copies_total": "How many copies there are; not all need be listed.",
    "count": "How often it is named.",
    "countries": "Countries that it names or whose places it names (ISO 3166-1 alpha-2).",
    "country": "ISO 3166-1 alpha-2.",
    "date": "Plausible date of publication, by which searches sort and filter.",
    "detail": "What is wrong with this request, and what may be given instead.",
    "duplicate_kind": "How it resembles the original.",
    "duplicate_of": "The id of the original, where it is a copy.",
    "edits": "What its last revisions changed, the newest last.",
    "enricher": "Version of the program that found copies and stories.",
    "entities": "Persons, organisations and places that are named.",
    "entities_by": "What found the names.",
    "entity_keys": "Keys of the names.",
    "feed_url": "The feed that showed it.",
    "fetched_at": "When this revision was fetched.",
    "first_seen_at": "When it was seen first.",
    "free": "Whether it can be read without paying; null for not stated.",
    "geoname": "GeoNames' id.",
    "group": "The id of the original: an article and its copies have the same.",
    "headline": "The headline of its story.",
    "id": "Its id, for ever.",
    "image": "Address of its picture.",
    "indexed_at": "When it was written to the index.",
    "key": "The same for all spellings of a name.",
    "kind": "What kind of thing it is.",
    "language": "Two letters (ISO 639-1).",
    "last_seen_at": "When its last article was seen first.",
    "lat": "Degrees.",
    "located": "Places on the map.",
    "lon": "Degrees.",
    "main_country": "The country that it is mostly about.",
    "merged_into": "The id of the story that it became a part of.",
    "modified_at": "When the publisher says that it changed.",
    "name": "As most often written.",
    "names": "What most of its articles name.",
    "next": "Cursor of the next page; null for the last one.",
    "offsets": "Begin and end of each mention in title, line end, text; in characters.",
    "opt_outs": "Uses that the publisher reserves.",
    "organisations": "Organisations that are named, those first that are most often.",
    "other_urls": "Other addresses under which it was found.",
    "outlets": "Sources that report it in the last hours.",
    "page_answer": "What its page answered: an HTTP status or a kind of error.",
    "parameters": "The parameters that are wrong.",
    "parts": "Of a story the ids of those that were merged into it; of an edit what it changed (title, text).",
    "passages": "Of title and text; what was searched for stands between \u27e8 and \u27e9.",
    "people": "Persons that are named, those first that are most often.",
    "places": "Places that are named, those first that are most often.",
    "point": "Where it lies.",
    "published_at": "When the publisher says that it was published.",
    "removed": "The words that each of its changes removed, some of them.",
    "resemblance": "Of its text to the original's, 0 to 1.",
    "revision": "Number of this revision, from 1.",
    "salience": "How much the article is about it, 0 to 1.",
    "same_text": "Other articles with its text, the earliest first.",
    "schema": "Version of the message.",
    "score": "How relevant it is; null when sorted by date.",
    "seconds_from_fetch": "From its fetch until it could be searched.",
    "seconds_from_found": "From its discovery until it could be searched.",
    "seconds_from_publication": "From its publication until it could be searched.",
    "section": "Section of the site.",
    "size": "Articles, copies included.",
    "source": "Host of its site, without www.",
    "source_name": "What the source is called.",
    "sources": "Sources of its articles.",
    "status": "The HTTP status.",
    "stemmed": "Always empty here.",
    "stories": "The stories, those of most outlets first.",
    "story": "The story, or its id.",
    "summary": "What the feed or the page says in short.",
    "tags": "The publisher's keywords.",
    "text": "The text as it was extracted.",
    "text_from": "Where the text comes from.",
    "texts": "Texts without their copies: how many (estimated above 10,000), or which.",
    "title": "The title.",
    "total": "How many articles match, copies included.",
    "truncated": "Whether the text was too long, and cut.",
    "type": "person, organisation or place.",
    "url": "Address at the publisher.",
    "version": "Grows with each change of the document.",
    "words_added": "How many words it added; null where the earlier wording was not indexed any more.",
    "words_removed": "How many words it removed; null where the earlier wording was not indexed any more.",
}
