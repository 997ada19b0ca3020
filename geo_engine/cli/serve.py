"""`geo-engine serve`: the pages, over HTTP or HTTPS."""

import os

import click
from granian import Granian
from granian.constants import Interfaces, SSLProtocols

from geo_engine.certificates import is_own_certificate
from geo_engine.cli.running import Serving, serving_options
from geo_engine.cli.screen import say
from geo_engine.db.addresses import database_address
from geo_engine.db.revision import require_revision
from geo_engine.db.roles import DatabaseRole
from geo_engine.settings import Settings, read_settings
from geo_engine.words import Language, Message

_APP = "web.serving:make_app"
_ENDS_WITHIN_S = 10


@click.command()
@click.pass_obj
@serving_options
def command(language: Language, *, serving: Serving) -> None:
    """Serve the pages until told to end."""
    settings = read_settings()
    require_revision(database_address(settings, DatabaseRole.APP))
    os.environ.update(_said_to_web_processes(serving, settings))
    say(Message("The pages are at {address}", {"address": serving.address}).render(language))
    Granian(
        _APP,
        factory=True,
        interface=Interfaces.RSGI,
        websockets=False,
        address=serving.host,
        port=serving.port,
        workers=serving.processes,
        ssl_cert=serving.tls_cert,
        ssl_key=serving.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=_ENDS_WITHIN_S,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()


def _said_to_web_processes(serving: Serving, settings: Settings) -> dict[str, str]:
    """Return what the web processes, which read their settings anew, are to know of how they are served."""
    if serving.tls_cert is None:
        return {}
    is_own = is_own_certificate(serving.tls_cert, settings.state_dir)
    return {"GEO_ENGINE_IS_SECURE": "true", "GEO_ENGINE_IS_PRIVATELY_SIGNED": str(is_own).lower()}
