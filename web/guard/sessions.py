"""Sessions: who has given the password, for half a day; and how often it may be tried.

In: a password, the token of a cookie, times in monotonic seconds. Out: a new token, or none. Tokens are kept as hashes
in memory: a restart asks for the password again.
"""

import hashlib
import hmac
import secrets
import threading

COOKIE = "newsloom_session"
LASTS_SECONDS = 12 * 3600.0
MOST_SESSIONS = 1_000
# what one address may try, and all together, within a minute: a person mistypes thrice, a program tries thousands
MOST_TRIES = 5
MOST_TRIES_OF_ALL = 50
TRY_SECONDS = 60.0


class TooManyTries(Exception):
    """The password was tried too often: it is looked at again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"tried too often: again in {seconds:.0f} s")
        self.seconds = seconds


class Sessions:
    """The sessions of a server with a password."""

    def __init__(self, password: str) -> None:
        self._password = _hashed(password)
        self._ends: dict[bytes, float] = {}  # hash of a token -> when it ends
        self._failures: list[tuple[str, float]] = []  # address, when
        self._lock = threading.Lock()  # pages are shown in several threads

    def begin(self, password: str, address: str, now: float) -> str | None:
        """The token of a new session; None for a wrong password. `address` is the client's. Raises TooManyTries."""
        with self._lock:
            if not self._is_right(password, address, now):
                return None
            token = secrets.token_urlsafe(32)
            self._ends[_hashed(token)] = now + LASTS_SECONDS
            self._forget_ended(now)
            return token

    def accepts(self, password: str, address: str, now: float) -> bool:
        """Whether this is the password, of a program that gives it each time. Raises TooManyTries."""
        with self._lock:
            return self._is_right(password, address, now)

    def knows(self, token: str, now: float) -> bool:
        """Whether this is the token of a session that lasts."""
        return self._ends.get(_hashed(token), 0.0) > now

    def end(self, token: str) -> None:
        """Ends a session."""
        with self._lock:
            self._ends.pop(_hashed(token), None)

    def _is_right(self, password: str, address: str, now: float) -> bool:
        self._refuse_too_many(address, now)
        if hmac.compare_digest(_hashed(password), self._password):
            return True
        self._failures.append((address, now))
        return False

    def _refuse_too_many(self, address: str, now: float) -> None:
        self._failures = [(who, at) for who, at in self._failures if now - at < TRY_SECONDS]
        own = [at for who, at in self._failures if who == address]
        for tries, most in ((own, MOST_TRIES), ([at for _, at in self._failures], MOST_TRIES_OF_ALL)):
            if len(tries) >= most:
                raise TooManyTries(tries[-most] + TRY_SECONDS - now)

    def _forget_ended(self, now: float) -> None:
        lasting = [(hashed, end) for hashed, end in self._ends.items() if end > now]
        self._ends = dict(lasting[-MOST_SESSIONS:])


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
