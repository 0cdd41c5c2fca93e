"""EmbeddedError: the base of every expected failure of this package, to be shown without a traceback."""


class EmbeddedError(Exception):
    """Something about the servers, their files or this machine; the message names it and says what to do."""
