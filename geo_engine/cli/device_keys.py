"""What a person, and a phone, is told of a device and its key."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import click
import segno

from geo_engine.cli.writing import NewFile, writing
from geo_engine.errors import InvalidInput
from geo_engine.ids import DeviceId
from geo_engine.tracks.protocols import Protocol
from geo_engine.tracks.protocols.provisioning import qr_payload
from geo_engine.words import Message
from geo_engine.workforce.device_model import Device, DeviceKey

device_argument = click.argument("device_id", metavar="DEVICE", callback=lambda _context, _parameter, text: _read(text))
address_option = click.option(
    "--address",
    default="http://127.0.0.1:8080",
    show_default=True,
    callback=lambda _context, _parameter, text: _read_address(text),
    help="Where phones reach this installation.",
)
qr_option = click.option(
    "--qr",
    "qr_path",
    type=NewFile(),
    callback=lambda _context, _parameter, path: _read_qr_path(path),
    help="Write the QR code there (.svg or .png).",
)


def told(device: Device, key: DeviceKey, address: str) -> dict[str, Any]:
    """Return what a device is set up with; its secret is shown this once."""
    protocol = Protocol(device.protocol)
    url = f"{address.rstrip('/')}/ingest/{protocol}/{quote(str(key))}"
    return {
        "device": str(device.id),
        "worker": device.worker_id,
        "protocol": device.protocol,
        "name": device.name,
        "url": url,
        "secret": str(key),
        "qr": qr_payload(protocol, url=url, key=str(key), device=device.name),
    }


def tell(facts: dict[str, Any], qr_path: Path | None) -> None:
    """Print it, and write its QR code."""
    if qr_path is not None:
        segno.make(facts["qr"], error="m").save(str(qr_path), scale=6)
    click.echo(json.dumps(facts, ensure_ascii=False))


def _read_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(Message("“{text}” is no address: it begins with http:// or https://.", {"text": text}))
    return text


def _read_qr_path(path: Path | None) -> Path | None:
    """Return where a QR code can be written: a key is shown once, so this is known before there is one."""
    if path is None:
        return None
    if path.suffix.lower() not in {".svg", ".png"}:
        raise InvalidInput(Message("The QR code is written to a .svg or .png file."))
    with writing(path, InvalidInput), path.open("ab"):
        return path


def _read(text: str) -> DeviceId:
    try:
        return DeviceId(UUID(text))
    except ValueError:
        raise InvalidInput(Message("“{text}” is no device’s id.", {"text": text})) from None
