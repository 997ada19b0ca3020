"""How much a request may send: a file where files are taken, a form elsewhere."""

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from web.requests import LARGEST_FILE_BYTES

LARGEST_FORM_BYTES = 1_000_000
_BESIDE_THE_FILE_BYTES = 100_000
_TAKES_FILES = frozenset({"imports.send", "api.photo"})


def add_limits(app: Flask) -> None:
    """Have an app refuse whatever is larger than its route takes."""

    @app.before_request
    def _limit() -> None:
        request.max_content_length = _limit_of(request.endpoint)


def limit_bytes(app: Flask, method: str, path: str) -> int:
    """Return how large a body may be that is sent to a path."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method)
    except HTTPException:
        endpoint = None
    return _limit_of(endpoint)


def _limit_of(endpoint: str | None) -> int:
    return LARGEST_FILE_BYTES + _BESIDE_THE_FILE_BYTES if endpoint in _TAKES_FILES else LARGEST_FORM_BYTES
