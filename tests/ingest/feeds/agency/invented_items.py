"""Items of an invented agency, in every form in which agencies write them."""

import json
from typing import Any

URN = "urn:newsml:fenwire.example:20261130:1204"
TITLE = "Ferry to Lysmere runs again"
PARAGRAPHS = ("LYSMERE (Fenwire) - The ferry runs again.", "It had stood still since a storm in October.")
TEXT = "\n".join(PARAGRAPHS)
HTML = "".join(f"<p>{each}</p>" for each in PARAGRAPHS)
NITF = (
    "<nitf><head><title>not the text</title></head><body><body.head>"
    f"<hedline><hl1>{TITLE}</hl1></hedline><byline>By Signe Dallow, <byttl>harbour reporter</byttl></byline>"
    "<dateline>Lysmere, Monday</dateline><abstract><p>Boats go at noon.</p></abstract></body.head>"
    f"<body.content>{HTML}<media><media-caption>A ferry.</media-caption></media></body.content></body></nitf>"
)


def ninjs1(**changes: Any) -> dict[str, Any]:
    item = {
        "uri": URN, "type": "text", "version": "2", "pubstatus": "usable", "language": "en-GB",
        "firstcreated": "2026-11-30T09:00:00Z", "versioncreated": "2026-11-30T11:30:00+01:00",
        "headline": TITLE, "byline": "By Signe Dallow and Ruud Amsink", "description_text": "Boats go at noon.",
        "body_text": TEXT, "body_xhtml": f"<div>{HTML}</div>", "located": "Lysmere",
        "subject": [{"code": "04015000", "name": "transport"}], "person": [{"name": "Ole Marn", "rel": "about"}],
        "organisation": [{"name": "Lysmere Ferries"}], "place": [{"name": "Lysmere"}],
        "associations": {"photo": {
            "uri": "urn:picture:1", "type": "picture",
            "renditions": {"web": {"href": "https://media.fenwire.example/1.jpg", "width": 800}},
        }},
    }  # fmt: skip
    return {**item, **changes}


def ninjs2(**changes: Any) -> dict[str, Any]:
    kept = ("uri", "type", "version", "pubstatus", "language", "firstcreated", "versioncreated", "located")
    item = {
        **{name: ninjs1()[name] for name in kept},
        "by": "By Signe Dallow and Ruud Amsink",
        "headlines": [{"role": "sms", "value": "Ferry!"}, {"role": "main", "value": TITLE}],
        "descriptions": [{"role": "summary", "value": "Boats go at noon."}, {"role": "caption", "value": "A ferry."}],
        "bodies": [
            {"role": "main", "contenttype": "text/plain", "value": TEXT},
            {"role": "rich", "contenttype": "text/html", "value": f"<html><head><title>x</title></head>{HTML}</html>"},
        ],
        "subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/20000337", "name": "transport"}],
        "people": [{"name": "Ole Marn"}],
        "organisations": [{"name": "Lysmere Ferries"}],
        "associations": [{
            "name": "photo", "uri": "urn:picture:1", "type": "picture",
            "renditions": [
                {"name": "print", "href": "https://media.fenwire.example/p.jpg", "width": 9000},
                {"name": "web", "href": "https://media.fenwire.example/1.jpg", "width": 800},
                {"name": "thumb", "href": "https://media.fenwire.example/t.jpg", "width": 90},
            ],
        }],
    }  # fmt: skip
    return {**item, **changes}


def ninjs3(**changes: Any) -> dict[str, Any]:
    names = {"pubstatus": "pubStatus", "firstcreated": "firstCreated", "versioncreated": "versionCreated"}
    item = {names.get(name, name): value for name, value in ninjs2().items()}
    item["bodies"] = [
        {names.get(name, name).replace("contenttype", "contentType"): value for name, value in each.items()}
        for each in item["bodies"]
    ]
    return {**item, **changes}


def as_json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


NEWS_ITEM = (
    '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="{version}"'
    ' standard="NewsML-G2" standardversion="2.35" xml:lang="en-GB">'
    '<catalogRef href="http://www.iptc.org/std/catalog/catalog.IPTC-G2-Standards_40.xml"/>'
    '<itemMeta>{kind}<provider qcode="nprov:fenwire"/><versionCreated>{created}</versionCreated>'
    "<firstCreated>2026-11-30T09:00:00Z</firstCreated>{meta}{status}</itemMeta>"
    "<contentMeta><urgency>4</urgency><contentCreated>2026-11-30T08:45:00Z</contentCreated>"
    '<located qcode="city:lys"><name>Lysmere</name></located>{by}<language tag="en-GB"/>'
    '<subject qcode="medtop:20000337">'
    '<name xml:lang="nl">vervoer</name><name xml:lang="en">transport</name></subject>'
    '<headline xml:lang="nl">Veer vaart weer</headline><headline xml:lang="en">{title}</headline>'
    '<description role="drol:caption">A ferry.</description>'
    '<description role="drol:summary">Boats go at noon.</description></contentMeta>'
    "<contentSet>{content}</contentSet></newsItem>"
)
PARTS = {
    "kind": '<itemClass qcode="ninat:text"/>',
    "status": '<pubStatus qcode="stat:usable"/>',
    "meta": "",
    "content": f'<inlineXML contenttype="application/nitf+xml">{NITF}</inlineXML>',
    "by": "<by>By Signe Dallow and Ruud Amsink</by>",
    "created": "2026-11-30T11:30:00+01:00",
}


def news_item(guid: str = URN, version: int | str = 2, **parts: str) -> str:
    """A newsItem; `parts` in place of those of PARTS."""
    return NEWS_ITEM.format(guid=guid, version=version, title=TITLE, **{**PARTS, **parts})


def message(*items: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/">'
        "<header><sent>2026-11-30T11:31:00Z</sent></header>"
        f"<itemSet>{''.join(items)}</itemSet></newsMessage>"
    ).encode()
