"""Agencies' items on their way to articles, beside the way of feeds' entries.

delivery_decision decides what becomes of an item that has its whole text, with withdrawal for one that was taken back.
Where items come as files, folder says which lie there and folder_poll which of them are read now, and what they say.
"""
