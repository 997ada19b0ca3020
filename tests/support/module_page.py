"""A replay as a page of ours would have it: modules as they are, the day from an address."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from geo_engine.reports import maps
from geo_engine.reports.maps import draw_map
from geo_engine.reports.one_file import inert_json
from geo_engine.reports.replay_words import replay_words
from geo_engine.words import Language

_ASSETS = Path(maps.__file__).parent / "assets"
_STYLES = ("node_modules/leaflet/dist/leaflet.css", "tokens.css", "plan_map.css", "panel.css", "replay.css")


@contextmanager
def serve_replay(documents: Mapping[str, Any]) -> Iterator[str]:
    """Give where a page is served that asks for the day at ``/day.json``, with documents by their path."""
    bodies = {path: ("application/json", json.dumps(document)) for path, document in documents.items()}
    bodies["/"] = ("text/html", _page())
    handler = type("Handler", (_Handler,), {"bodies": bodies})
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(_ASSETS))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(SimpleHTTPRequestHandler):
    bodies: Mapping[str, tuple[str, str]]

    def do_GET(self) -> None:
        """Send a document, else an asset."""
        if self.path not in self.bodies:
            super().do_GET()
            return
        kind, text = self.bodies[self.path]
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _page() -> str:
    block = draw_map()
    shell = {
        "words": {Language.EN.value: replay_words(Language.EN)},
        "language": Language.EN.value,
        "replay_url": "/day.json",
        "attribution": None,
    }
    styles = "".join(f'<link rel="stylesheet" href="/{name}">' for name in _STYLES)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,">{styles}</head>'
        f'<body><main id="replay">{block.html}</main>'
        f'<script type="application/json" id="plan-data">{inert_json(shell)}</script>'
        f'<script src="/node_modules/leaflet/dist/leaflet.js"></script><script>{block.script}</script>'
        '<script type="module" src="/replay_page.js"></script></body></html>'
    )
