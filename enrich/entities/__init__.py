"""Named entities: finds the people, organisations and places that an article names, and links them across articles.

In the order in which an article passes them: `named_entities` (the way through this room) asks `mentions` for the names
in the text. For those, `recogniser` runs a spaCy pipeline (decoded by `ner_decoder`), and `tagger` decides over English
names anew, from `tagger_features` and `word_pieces`. `photo_credits` then drops what is no actor of the story,
`name_keys` gives each name its key, `coreference` joins the names within the document, and `places` puts them on the
map. `entity_linking` comes later, in the stage `stories`: it links names across documents.
"""
