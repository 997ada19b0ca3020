"""`geo-engine photos inspect`: when, where and with what pictures were taken, by themselves."""

import json
from datetime import tzinfo
from pathlib import Path

import click

from geo_engine.cli.screen import say
from geo_engine.errors import InvalidInput
from geo_engine.geometry.zones import parse_zone
from geo_engine.photos.developing import DevelopedPhoto, develop
from geo_engine.timespan import moment_text
from geo_engine.words import Language, Message


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--tz", default="UTC", show_default=True, help="Zone of cameras' clocks that do not say theirs.")
@click.pass_obj
def command(language: Language, files: tuple[Path, ...], tz: str) -> None:
    """Print what each FILE says of itself, a JSON line each; JPEG, PNG, WebP or HEIC."""
    zone = parse_zone(tz)
    unusable = None
    for file in files:
        try:
            facts = _facts(file, develop(file.read_bytes()), zone)
        except InvalidInput as error:
            unusable = error
            say(Message("{file}: {reason}", {"file": file.name, "reason": error.message}).render(language))
        else:
            click.echo(json.dumps(facts, ensure_ascii=False))
    if unusable is not None:
        click.get_current_context().exit(2)


def _facts(file: Path, photo: DevelopedPhoto, zone: tzinfo) -> dict[str, object]:
    evidence, taken = photo.evidence, photo.evidence.taken(zone)
    position = evidence.position
    return {
        "file": str(file),
        "type": photo.kind.value,
        "bytes": len(photo.original),
        "width": photo.width,
        "height": photo.height,
        "sha256": photo.sha256,
        "taken_at": None if taken is None else moment_text(taken.at),
        "taken_certainty": None if taken is None else taken.certainty.value,
        "gps_at": None if evidence.gps_at is None else moment_text(evidence.gps_at),
        "lon": None if position is None else round(position.lon, 7),
        "lat": None if position is None else round(position.lat, 7),
        "position_error_m": evidence.position_error_m,
        "make": evidence.make,
        "model": evidence.model,
        "software": evidence.software,
        "fingerprint": photo.fingerprint.hex(),
    }
