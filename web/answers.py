"""How a person is sent to a page, and a script told which."""

from flask import Response, jsonify, redirect

from web.errors import wants_json


def go(page: str) -> Response:
    """Send a person to a page, or tell a script which."""
    return jsonify({"go": page}) if wants_json() else redirect(page, code=303)  # type: ignore[return-value]
