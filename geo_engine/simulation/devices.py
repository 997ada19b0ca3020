"""The devices that are simulated: whose each is, where it reports to, which app it runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from geo_engine.errors import InvalidInput
from geo_engine.ids import WorkerId, parse_id
from geo_engine.simulation.phones import PROTOCOLS, Phone
from geo_engine.tables.json_text import find_json
from geo_engine.tracks.protocols import Protocol
from geo_engine.words import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that was given to a worker.

    Parameters
    ----------
    name
        What its reports call it.
    url
        Where it reports to; names its credential, so it is for no eyes.
    """

    name: str
    worker_id: WorkerId
    url: str = field(repr=False)
    phone: Phone


class DevicesUnusableError(InvalidInput):
    """A line of the file of devices cannot be used."""

    def __init__(self, path: Path, line: int, reason: Message) -> None:
        super().__init__(Message("{file}:{line}: {reason}", {"file": path.name, "line": line, "reason": reason}))


def read_devices(path: Path, *, server: str | None = None, phones: Sequence[Phone] = ()) -> tuple[Device, ...]:
    """Return the devices of a file that has one on each line, as `geo-engine devices add` prints them.

    Parameters
    ----------
    server
        Scheme, host and port that stand in for those of each device's address.
    phones
        The apps to be run: a device runs one of those that speak its protocol, in turn, else the usual one.

    Raises
    ------
    DevicesUnusableError
        When a line is no JSON object with `url`, `worker`, `protocol` and `device`.
    InvalidInput
        When there is no device.
    """
    devices = list[Device]()
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                devices.append(_device(find_json(line), server, phones, len(devices)))
            except InvalidInput as error:
                raise DevicesUnusableError(path, number, error.message) from None
            except (ValueError, KeyError, TypeError, AttributeError):
                raise DevicesUnusableError(path, number, Message("This is no device.")) from None
    if not devices:
        raise InvalidInput(Message("{file} has no device.", {"file": path.name}))
    return tuple(devices)


def _device(said: dict[str, str], server: str | None, phones: Sequence[Phone], number: int) -> Device:
    protocol = Protocol(said["protocol"])
    apps = [phone for phone, spoken in PROTOCOLS.items() if spoken is protocol]
    if not apps:
        raise InvalidInput(Message("No app is simulated that speaks {protocol}.", {"protocol": protocol}))
    chosen = [phone for phone in phones if phone in apps] or apps[:1]
    address = urlsplit(said["url"])
    if server is not None:
        base = urlsplit(server)
        address = address._replace(scheme=base.scheme, netloc=base.netloc)
    is_plain = address.geturl().isascii() and address.geturl().isprintable() and address.port != 0
    if address.scheme not in {"http", "https"} or not address.hostname or not is_plain:
        raise InvalidInput(Message("Its address is none of HTTP."))
    return Device(
        name=said["device"],
        worker_id=WorkerId(parse_id(said["worker"])),
        url=address.geturl(),
        phone=chosen[number % len(chosen)],
    )
