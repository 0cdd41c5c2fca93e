"""Agencies' items: turns IPTC ninjs and NewsML-G2 documents into entries that have their full text.

In the order in which data passes them: ninjs and newsml_g2 read a document of their format; item_text takes the text
out of what an item's body is written in (NITF, HTML, plain text), qcodes the meaning out of NewsML-G2's codes; both
fill the fields of item_fields, and delivery makes them a ParsedFeed that says what was left out.
"""
