"""The gate: which act every route asks for, in one table; what is not in it cannot be reached.

Whose things an act reaches is decided by the services, row by row; the gate turns away whoever may not do the
act at all, before a view begins.
"""

from collections.abc import Mapping

from flask import Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from geo_engine.tenancy import Act
from geo_engine.tenancy.permissions import NotAllowed
from web.errors import wants_json
from web.people import somebody

PUBLIC = "public"
MEMBERS = "members"
CLOSED = "closed"

# public: anyone; of `api` and `solving`, who shows a device's key · members: whoever is signed in
# closed: nobody, a library's own
# else an act of the member's role, or several, one of which is enough
_TABLE = """
route                    asks for
assets.send              public
health                   public
authority                public
language.choose          public
api.check_in             public
api.photo                public
solving.solve            public
security.login           public
security.logout          members
security.verify          closed
security.static          closed
home                     members
dispatch.day             see_plans
dispatch.plan            plan_day
dispatch.progress        see_plans
dispatch.stop            plan_day
dispatch.publish         publish_plan
dispatch.withdraw        publish_plan
dispatch.move            plan_day
dispatch.restore         plan_day
dispatch.replan          plan_day
dispatch.lock            plan_day
dispatch.fits            plan_day
dispatch.insert          plan_day
dispatch.background      members
periods.page             see_plans
periods.rules            change_sites
periods.plan             plan_day
periods.one              see_plans
periods.stop             plan_day
periods.adopt            plan_day
live.positions           see_tracks
field.day                see_plans
field.acknowledge        see_plans
field.start              see_plans
field.end                see_plans
fences.page              see_sites
fences.listed            see_sites
fences.one               see_sites
fences.export            see_sites
fences.save              change_sites
fences.remove            change_sites
fences.take              change_sites
imports.form             change_sites|change_workers
imports.send             change_sites|change_workers
imports.draft            change_sites|change_workers
imports.place            change_sites|change_workers
imports.unplace          change_sites|change_workers
imports.crs              change_sites|change_workers
imports.confirm          change_sites|change_workers
imports.discard          change_sites|change_workers
tracks.form              see_tracks
tracks.ask               see_tracks
tracks.day               see_tracks
tracks.data              see_tracks
tracks.mine              see_tracks
visits.day               see_tracks
visits.review            review_visits
visits.one               see_tracks
visits.look              see_tracks
visits.photo             see_tracks
visits.decide            review_visits
passes.ask               see_tracks
passes.found             see_tracks
passes.sites             see_sites
"""


def _read_table(text: str) -> dict[str, str]:
    return dict(line.split() for line in text.strip().splitlines()[1:])


ROUTES: Mapping[str, str] = _read_table(_TABLE)
"""What each route asks for: `PUBLIC`, `MEMBERS`, `CLOSED` or the values of `acts_of`."""


def acts_of(wanted: str) -> tuple[Act, ...]:
    """Return the acts of which one is enough for a route."""
    return tuple(Act(act) for act in wanted.split("|"))


def add_gate(app: Flask) -> None:
    """Ask of every request what its route asks for; a route that nobody classified answers nobody."""

    @app.before_request
    def _ask() -> Response | None:
        wanted = ROUTES.get(request.endpoint or "", CLOSED)
        if request.endpoint is None or wanted == PUBLIC:
            return None
        if wanted == CLOSED:
            abort(404)
        person = somebody()
        if person is None and wants_json():
            abort(401)
        if person is None:
            return redirect(url_for("security.login", next=_wanted_page()))
        if wanted != MEMBERS and person.access.grants.keys().isdisjoint(acts_of(wanted)):
            raise NotAllowed(acts_of(wanted)[0])
        return None


def _wanted_page() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None
