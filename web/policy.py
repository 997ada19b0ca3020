"""What a browser is told about every answer: what a page may load and run, and who may frame or keep it."""

import secrets

from flask import Flask, Response, g

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
}
ASKED_FOR_EACH_TIME = "private, no-cache"
"""Of what a person's own browser may keep, and asks for each time whether it is still so, and theirs to see."""

_A_YEAR_S = 365 * 86_400


def nonce() -> str:
    """Return the word that marks the inline scripts and styles of this answer as ours."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def add_policy(app: Flask, *, is_https_alone: bool) -> None:
    """Send the policy with every answer.

    Parameters
    ----------
    is_https_alone
        Whether browsers shall ask this host by nothing but HTTPS for a year, on every port. Not where our own authority
        signs: there the host is ``localhost`` or an address of one's network, and others serve HTTP on it.
    """

    @app.after_request
    def _tell(response: Response) -> Response:
        rules = (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce()}'",
            f"style-src 'self' 'nonce-{nonce()}'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
        response.headers["Content-Security-Policy"] = "; ".join(rules)
        response.headers.update(_HEADERS)
        if is_https_alone:
            response.headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_S}"
        # What may be kept says so; Flask-Security's own word is malformed.
        if not response.cache_control.immutable and response.headers.get("Cache-Control") != ASKED_FOR_EACH_TIME:
            response.headers["Cache-Control"] = "no-store"
        return response
