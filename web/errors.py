"""How what goes wrong is told: a page to a person, ``application/problem+json`` to a script (RFC 9457)."""

import json
import logging

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from geo_engine.errors import Conflict, Forbidden, GeoEngineError, InvalidInput, NotFound, Unavailable
from geo_engine.words import Message
from web.language import say, spoken

_STATUS: dict[type[GeoEngineError], int] = {
    InvalidInput: 422,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}
_SENTENCES = {
    400: Message("The page is no longer valid: load it again."),
    401: Message("You are no longer signed in: load the page again."),
    404: Message("There is no such page."),
    405: Message("This cannot be done here."),
}
_UNKNOWN = Message("Something went wrong here; it was noted. Try again.")
_LOG = logging.getLogger("web")


def add_errors(app: Flask) -> None:
    """Answer every error of an app in words."""

    @app.errorhandler(GeoEngineError)
    def _ours(error: GeoEngineError) -> tuple[Response | str, int]:
        return _answer(status_of(error), error.render(spoken()))

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> tuple[Response | str, int]:
        return _answer(400, _SENTENCES[400].render(spoken()))

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[Response | str, int]:
        code = error.code or 500
        return _answer(code, (_too_large() if code == 413 else _SENTENCES.get(code, _UNKNOWN)).render(spoken()))

    @app.errorhandler(Exception)
    def _unknown(error: Exception) -> tuple[Response | str, int]:
        _LOG.error("unexpected on %s %s", request.method, request.path, exc_info=error)
        return _answer(500, _UNKNOWN.render(spoken()))


def wants_json() -> bool:
    """Return whether a script asks: by what it accepts, never by who is signed in."""
    if request.path.startswith("/api/"):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def problem(status: int, sentence: str) -> Response:
    """Return what went wrong as scripts are told it."""
    told = {"type": "about:blank", "status": status, "title": sentence}
    return Response(json.dumps(told, ensure_ascii=False), status=status, mimetype="application/problem+json")


def status_of(error: GeoEngineError) -> int:
    """Return the HTTP status of an error's family."""
    return next((status for family, status in _STATUS.items() if isinstance(error, family)), 500)


def _too_large() -> Message:
    limit_mb = (request.max_content_length or 0) // 1_000_000
    return Message("The file is too large: at most {limit_mb} MB are taken.", {"limit_mb": limit_mb})


def _answer(status: int, sentence: str) -> tuple[Response | str, int]:
    if wants_json():
        return problem(status, sentence), status
    return render_template("error.html", status=status, sentence=sentence, title=say("That did not work")), status
