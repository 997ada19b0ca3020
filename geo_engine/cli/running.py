"""What the commands that run until they are told to end are asked, and where the pages are to be found then."""

import errno
import functools
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from geo_engine.cli.lan import lan_addresses, lan_certificate, tell_how_to_trust
from geo_engine.errors import InvalidInput, Unavailable
from geo_engine.settings import read_settings
from geo_engine.system_errors import reason_of
from geo_engine.words import Language, Message

_HERE_ONLY = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for by --lan, in so many words
_PEM = click.Path(path_type=Path, exists=True, dir_okay=False)

concurrency_option = click.option(
    "--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, help="Tasks of the queue at once."
)


class PortTakenError(Unavailable):
    """Another program listens where the pages are to be."""

    def __init__(self, host: str, port: int) -> None:
        facts = {"host": host, "port": port}
        super().__init__(Message("Port {port} of {host} is in use. Choose another: --port", facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where and how the pages are served.

    Parameters
    ----------
    host
        The address to listen on; 0.0.0.0 and :: are everywhere.
    tls_cert, tls_key
        Both for HTTPS, None for HTTP.
    """

    host: str
    port: int
    processes: int
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def is_everywhere(self) -> bool:
        """Whether every address of the machine is listened on."""
        return self.host in {_EVERYWHERE, "::"}

    @property
    def own_host(self) -> str:
        """Where this machine itself finds the pages."""
        return {_EVERYWHERE: "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    @property
    def address(self) -> str:
        """Where people find the pages; from other machines, where they are served everywhere."""
        reached = next(iter(lan_addresses()), None) if self.is_everywhere else None
        host = str(reached or self.own_host)
        scheme = "http" if self.tls_cert is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def arguments(self) -> tuple[str, ...]:
        """Return these choices as a command line has them."""
        plain = ("--host", self.host, "--port", str(self.port), "--processes", str(self.processes))
        if self.tls_cert is None:
            return plain
        return (*plain, "--tls-cert", str(self.tls_cert), "--tls-key", str(self.tls_key))

    def require_free_port(self) -> None:
        """Make sure that nobody listens there.

        Raises
        ------
        PortTakenError
            When somebody does.
        InvalidInput
            When the address is not one of this machine's.
        """
        try:
            family, kind, _, _, place = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(place)
                probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(self.host, self.port) from None
            facts = {"host": self.host, "port": self.port, "reason": reason_of(error)}
            raise InvalidInput(Message("{host}:{port} cannot be listened on: {reason}", facts)) from None


def serving_options(command: Callable[..., None]) -> Callable[..., None]:
    """Ask where and how to serve, and hand it to a command as `serving`, the reader's language first."""

    @functools.wraps(command)
    def asked(
        language: Language,
        *,
        host: str,
        port: int,
        processes: int,
        tls_cert: Path | None,
        tls_key: Path | None,
        lan: bool,
        **others: object,
    ) -> None:
        if (tls_cert is None) != (tls_key is None):
            raise InvalidInput(Message("A certificate needs its key, and a key its certificate."))
        if lan and tls_cert is not None:
            raise InvalidInput(Message("--lan makes a certificate of its own: leave --tls-cert and --tls-key away."))
        listened = _EVERYWHERE if lan and host == _HERE_ONLY else host
        serving = Serving(host=listened, port=port, processes=processes, tls_cert=tls_cert, tls_key=tls_key)
        serving.require_free_port()
        command(language, serving=_certified(serving, language) if lan else serving, **others)

    for option in reversed(_OPTIONS):
        asked = option(asked)
    return asked


_OPTIONS = (
    click.option("--host", default=_HERE_ONLY, show_default=True, help="Where to listen; 0.0.0.0 is everywhere."),
    click.option("--port", type=click.IntRange(1, 65_535), default=8080, show_default=True),
    click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="Web processes."),
    click.option("--tls-cert", type=_PEM, help="Certificate (PEM)."),
    click.option("--tls-key", type=_PEM, help="Its key (PEM)."),
    click.option("--lan", is_flag=True, help="To phones nearby: everywhere, by HTTPS with a certificate of our own."),
)


def _certified(serving: Serving, language: Language) -> Serving:
    """Return the same over HTTPS, with this machine's own certificate, and tell how it is trusted."""
    made = lan_certificate(read_settings().state_dir)
    secure = replace(serving, tls_cert=made.cert, tls_key=made.key)
    tell_how_to_trust(made, address=secure.address, language=language)
    return secure
