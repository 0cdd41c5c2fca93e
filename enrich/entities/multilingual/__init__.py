"""Names in many languages: finds people, organisations and places in a text without a spaCy model of its language.

In the order in which a text passes them: `text_words` cuts it into words, `word_features` and `piece_vectors` say what
kind of word each is, `convolution_tagger` decides which of them are names, `title_words` cuts titles off those, and
`country_names` adds the countries that were missed. `tagged_mentions` is the way through this room.
"""
