"""Form tokens: a form that changes something carries one, which only a page of ours in the same session can know.

In: the token of a session, "" where no password is set. Out: the form's token, and whether one that came is it. They
hold as long as this process: a restart asks for the page to be loaded again. (OWASP, "Cross-Site Request Forgery
Prevention", HMAC based token pattern.)
"""

import hashlib
import hmac
import secrets

FIELD = "form_token"


class FormTokens:
    """The tokens of a server's forms."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def token(self, session: str) -> str:
        """The token of this session's forms."""
        return hmac.new(self._key, session.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()

    def fits(self, session: str, token: str) -> bool:
        """Whether this token stood in a form of the session."""
        return hmac.compare_digest(self.token(session).encode(), token.encode(errors="surrogatepass"))
