"""Agencies' items on their way to articles, beside the way of feeds' entries.

delivery_decision decides what becomes of an item that has its whole text, with withdrawal for one that was taken back.
"""
