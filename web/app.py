"""How the pages are put together: one app from its wiring, its gate, its policy and its blueprints."""

from flask import Flask, Response, abort, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from geo_engine.errors import Forbidden
from geo_engine.tenancy import Act, Scope
from geo_engine.words import Language, Message
from web.access import ROUTES, acts_of, add_gate
from web.api.solving import solving
from web.api.views import api
from web.assets import asset_url, assets
from web.auditor.passes import passes
from web.auditor.views import tracks
from web.auth import add_sign_in
from web.dispatch.views import dispatch
from web.errors import add_errors
from web.fences.views import fences
from web.field.views import field
from web.imports.views import imports
from web.language import language, page_here, say, say_day, spoken
from web.limits import add_limits
from web.live.views import live
from web.people import me, somebody
from web.periods.views import periods
from web.policy import add_policy, nonce
from web.visits.views import visits
from web.wiring import Wiring, attach, wiring


def create_app(made: Wiring) -> Flask:
    """Return the app that answers with these things."""
    app = Flask(__name__, static_folder=None)
    attach(app.extensions, made)
    add_limits(app)
    add_policy(app, is_https_alone=made.is_secure and not made.is_privately_signed)
    add_sign_in(app, made, render=render_template)
    add_gate(app)
    add_errors(app)
    app.context_processor(_page_words)
    pages = (assets, language, api, solving, dispatch, live, periods, fences, field, imports, tracks, passes, visits)
    for blueprint in pages:
        app.register_blueprint(blueprint)
    for keyed in (api, solving):  # no browser's session: whoever asks shows a key
        app.extensions["csrf"].exempt(keyed)
    app.add_url_rule("/", "home", _home)
    app.add_url_rule("/health", "health", _health)
    app.add_url_rule("/ca.pem", "authority", _authority)
    return app


def _home() -> AnyResponse:
    """Send each person to the page of their work."""
    person = me()
    grants = person.access.grants
    if grants.get(Act.SEE_PLANS) not in {None, Scope.OWN}:
        return redirect(url_for("dispatch.day"))
    if person.access.worker_id is None and not grants.keys().isdisjoint(acts_of(ROUTES["imports.form"])):
        return redirect(url_for("imports.form"))
    if Act.SEE_PLANS in grants:
        return redirect(url_for("field.day"))
    if Act.SEE_TRACKS in grants:
        return redirect(url_for("tracks.mine" if grants[Act.SEE_TRACKS] is Scope.OWN else "tracks.form"))
    raise Forbidden(Message("There is no page for your role yet: ask whoever administers your company here."))


def _health() -> Response:
    """Tell whoever watches the process that it answers."""
    return Response("ok\n", mimetype="text/plain")


def _authority() -> Response:
    """Give a device the certificate it has to trust, where the installation signs its own; anybody may know it."""
    path = wiring().authority
    if path is None or not path.exists():
        abort(404)
    # Named .crt and shown, not saved: so Android and Windows know what to do with it, and Safari offers the profile.
    named = {"Content-Disposition": "inline; filename=geo-engine-ca.crt"}
    return Response(path.read_bytes(), mimetype="application/x-x509-ca-cert", headers=named)


def _page_words() -> dict[str, object]:
    """Return what every template may use."""
    return {
        "say": say,
        "say_day": say_day,
        "spoken": spoken(),
        "languages": tuple(Language),
        "page_here": page_here,
        "person": somebody(),
        "asset_url": asset_url,
        "nonce": nonce,
        "safe": Markup,
    }
