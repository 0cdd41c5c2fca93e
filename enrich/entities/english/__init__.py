"""English: what spaCy's model finds in a text, and the features of its words and names for the tagger.

In: texts. Out: RecognisedText (recogniser), and candidate runs of words with their features (tagger_features).
"""
