"""Content policy: what a browser may do with our answers. Pure.

Out: headers that every answer has. Scripts, styles, images and connections come from this server only, and none stands
in a page itself (Content Security Policy level 3): what a publisher wrote could not run even where it was not escaped.
"""

from collections.abc import Mapping

SOURCES: Mapping[str, str] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "; ".join(f"{name} {source}" for name, source in SOURCES.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # a publisher does not learn what was searched for; "no-referrer" would take the
    # origin from our own forms too (Origin: null), and the gate refuses those
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
