"""The one ancestor of all that is expected to go wrong here, so that a caller can show it without a traceback."""


class EmbeddedError(Exception):
    """Something about the servers, their files or this machine; the message names it and says what to do."""
