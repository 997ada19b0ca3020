"""How much a request may send: a file where files are taken, a form elsewhere."""

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from geo_engine.photos.picture_params import DevelopParams
from web.requests import LARGEST_FILE_BYTES

LARGEST_FORM_BYTES = 1_000_000
LARGEST_PROBLEM_BYTES = 8_000_000
"""Of a problem to be solved: matrices of a thousand places."""
_A_FILE_IN_A_FORM_BYTES = LARGEST_FILE_BYTES + 100_000
_FILES_BYTES = {
    "imports.send": _A_FILE_IN_A_FORM_BYTES,
    "fences.take": _A_FILE_IN_A_FORM_BYTES,
    "api.photo": DevelopParams().most_bytes,
    "solving.solve": LARGEST_PROBLEM_BYTES,
}
"""How much routes take that take files."""


def add_limits(app: Flask) -> None:
    """Have an app refuse whatever is larger than its route takes."""

    @app.before_request
    def _limit() -> None:
        request.max_content_length = _limit_of(request.endpoint)
        request.max_form_memory_size = LARGEST_FORM_BYTES


def limit_bytes(app: Flask, method: str, path: str) -> int:
    """Return how large a body may be that is sent to a path."""
    try:
        endpoint, _ = app.url_map.bind("localhost").match(path, method)
    except HTTPException:
        endpoint = None
    return _limit_of(endpoint)


def _limit_of(endpoint: str | None) -> int:
    return _FILES_BYTES.get(endpoint or "", LARGEST_FORM_BYTES)
