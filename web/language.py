"""Which language a request is answered in, and how a reader chooses it."""

from datetime import date
from urllib.parse import unquote

from babel.dates import format_skeleton
from flask import Blueprint, after_this_request, current_app, redirect, request
from flask import Response as AnyResponse
from werkzeug.wrappers import Response

from geo_engine.errors import InvalidInput
from geo_engine.tenancy.service import set_language
from geo_engine.words import Language, Message
from web.people import SignedIn, me, my_rows, somebody
from web.wiring import wiring

_COOKIE = "language"
_A_YEAR_S = 365 * 86_400
_FIRST = Language.ZH_CN

language = Blueprint("language", __name__)


def spoken() -> Language:
    """Return the member's language; before sign-in the one chosen here, else the browser's, else Chinese."""
    person = somebody()
    if person is not None:
        return person.member.language
    chosen = _chosen_here()
    if chosen is not None:
        return chosen
    best = request.accept_languages.best_match([one.value for one in Language])
    return _FIRST if best is None else Language(best)


def say(sentence: str, **facts: object) -> str:
    """Return an English sentence in the reader's language."""
    return Message(sentence, facts).render(spoken())


def say_day(day: date) -> str:
    """Return a day as people say it: the day of the week, the month and the day."""
    return format_skeleton("MMMEd", day, locale=spoken().value.replace("-", "_"))


def page_here() -> str:
    """Return where to come back to from a choice of language: this page, or the one whose form this answers."""
    if request.method in {"GET", "HEAD"}:
        return request.full_path
    host, _, sent_from = (request.referrer or "").partition("://")[2].partition("/")
    return f"/{sent_from}" if host == request.host else request.path


def take_choice(person: SignedIn) -> None:
    """Keep the language that was chosen here before sign-in with the member who signs in."""
    chosen = _chosen_here()
    if chosen is not None:
        with wiring().bound(person.tenant_id) as session:
            set_language(session, chosen, by=person.access)
        after_this_request(_forget_choice)


def _chosen_here() -> Language | None:
    chosen = request.cookies.get(_COOKIE, "")
    return Language(chosen) if chosen in Language else None


def _forget_choice(answer: AnyResponse) -> AnyResponse:
    answer.delete_cookie(_COOKIE, secure=wiring().is_secure, httponly=True, samesite="Lax")
    return answer


@language.post("/language")
def choose() -> Response:
    """Answer in another language from now on; a member's choice is kept with the member, anybody else's here."""
    try:
        chosen = Language(request.form.get("language", ""))
    except ValueError:
        raise InvalidInput(Message("There is no such language here.")) from None
    answer = redirect(_back())
    if somebody() is not None:
        with my_rows() as session:
            set_language(session, chosen, by=me().access)
        return answer
    answer.set_cookie(
        _COOKIE, chosen.value, max_age=_A_YEAR_S, secure=wiring().is_secure, httponly=True, samesite="Lax"
    )
    return answer


def _back() -> str:
    """Return the page to go back to; never another host's."""
    wanted = request.form.get("back", "/")
    is_here = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return _opened(wanted) if is_here and wanted.isprintable() else "/"


def _opened(wanted: str) -> str:
    """Return an address that can be opened: of one that forms alone are sent to, the next above it that can."""
    routes, path = current_app.url_map.bind(""), wanted.partition("?")[0]
    methods = set(routes.allowed_methods(unquote(path)))
    if not methods or "GET" in methods:
        return wanted
    while path != "/" and "GET" not in routes.allowed_methods(unquote(path)):
        path = path.rpartition("/")[0] or "/"
    return path
