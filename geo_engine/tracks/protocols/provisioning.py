"""How phones are set up by scanning a code, as each client's own link has it."""

import base64
import json
from urllib.parse import urlencode

from geo_engine.tracks.protocols.model import Protocol

_INTERVAL_S = 60
_DISTANCE_M = 50


def qr_payload(protocol: Protocol, *, url: str, key: str, device: str) -> str:
    """Return what the code for a device holds: the client's own link where it has one, else the address it posts to.

    Notes
    -----
    OwnTracks: ``owntracks:///config?inline=`` and a configuration in Base64 (booklet, *Remote configuration*).
    Traccar Client: ``org.traccar.client://config`` with the keys of its managed configuration. Overland:
    ``overland://setup`` with address and token.
    """
    match protocol:
        case Protocol.OWNTRACKS:
            return f"owntracks:///config?inline={_owntracks(url, key, device)}"
        case Protocol.TRACCAR:
            asked = {"url": url, "id": device, "interval": _INTERVAL_S, "distance": _DISTANCE_M, "accuracy": "high"}
            return f"org.traccar.client://config?{urlencode(asked | {'buffer': 'true'})}"
        case Protocol.OVERLAND:
            return f"overland://setup?{urlencode({'url': url, 'token': key, 'device_id': device})}"
        case _:
            return url


def _owntracks(url: str, key: str, device: str) -> str:
    document = {
        "_type": "configuration",
        "mode": 3,
        "url": url,
        "auth": True,
        "username": device,
        "password": key,
        "deviceId": device,
        "tid": device[-2:],
        "monitoring": 1,
        "locatorInterval": _INTERVAL_S,
        "cmd": True,
    }
    return base64.b64encode(json.dumps(document).encode()).decode()
