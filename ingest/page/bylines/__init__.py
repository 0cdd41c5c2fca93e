"""Finds who wrote an article in what its page shows: `byline_elements` where its elements say so, `byline_lines` where
a line of text does, and `person_name` tells the names of people from other words.
"""
