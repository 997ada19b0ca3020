"""Where people are now: all of them, or who moved since the last answer."""

import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from geo_engine.ids import TeamId
from geo_engine.tracks.live import find_moved
from geo_engine.tracks.live_model import LivePosition, LiveView
from web.people import me, my_rows
from web.wiring import wiring

live = Blueprint("live", __name__, url_prefix="/live")

_PLACES = 6  # of degrees: a decimetre


@live.get("")
def positions() -> Response:
    """Tell where people are, or who moved since a cursor; 304 when nobody did."""
    team, now = request.args.get("team"), wiring().now()
    with my_rows() as session:
        view = find_moved(
            session,
            since=request.args.get("since") or None,
            team_id=TeamId(team) if team else None,
            by=me().access,
            now=now,
        )
    return Response(status=304) if view is None else Response(_told(view, now), mimetype="application/json")


def _told(view: LiveView, now: datetime) -> str:
    told = {"cursor": view.cursor, "now": now.isoformat(), "positions": [_position(one) for one in view.positions]}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _position(one: LivePosition) -> dict[str, Any]:
    return {
        "device": str(one.device_id),
        "worker": one.worker_id,
        "name": one.worker_name,
        "tracked_at": one.tracked_at.isoformat(),
        "received_at": one.received_at.isoformat(),
        "lon": round(one.position.lon, _PLACES),
        "lat": round(one.position.lat, _PLACES),
        "accuracy_m": one.accuracy_m,
        "speed_mps": one.speed_mps,
        "heading_deg": one.heading_deg,
        "battery_percent": one.battery_percent,
        "on_shift": one.is_on_shift,
    }
