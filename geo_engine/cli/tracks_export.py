"""`geo-engine tracks export`: what a worker's devices reported on some days, as a file."""

import json
from datetime import date, timedelta
from pathlib import Path

import click

from geo_engine.cli.dates import date_option, day_option
from geo_engine.cli.tenants import now, open_tenant, tenant_argument
from geo_engine.cli.writing import NewFile, writing
from geo_engine.errors import InvalidInput, NotFound, Unavailable
from geo_engine.ids import WorkerId, parse_id
from geo_engine.tenancy import OPERATOR
from geo_engine.tracks.files import NamedTrack, format_of, write_tracks
from geo_engine.tracks.looking import get_worker_day
from geo_engine.words import Message

_LONGEST = timedelta(days=366)


@click.command()
@tenant_argument
@click.argument("out", metavar="OUT", type=NewFile())
@click.option("--worker", "worker_id", required=True, help="Whose.")
@date_option
@day_option("--until", "until_on", about="The last day; the first unless given.")
@click.option("--purpose", required=True, help="What for: the worker can read it.")
def command(code: str, out: Path, *, worker_id: str, service_on: date, until_on: date | None, purpose: str) -> None:
    """Write what the devices of a worker of TENANT reported to OUT, a track for each device and day.

    OUT ends in .csv, .gpx, .kml, .kmz, .geojson, .parquet or .mfjson.
    """
    track_format = format_of(out)
    last_on = until_on or service_on
    if not timedelta(0) <= last_on - service_on <= _LONGEST:
        raise InvalidInput(Message("The last day must not be before the first, nor more than a year later."))
    days = [service_on + timedelta(days=n) for n in range((last_on - service_on).days + 1)]
    whose = WorkerId(parse_id(worker_id))
    tracks: list[NamedTrack] = []
    with open_tenant(code) as tenant:
        for day in days:
            with tenant.transaction() as session:
                found = get_worker_day(session, whose, day, purpose=purpose, by=OPERATOR, now=now())
            tracks += [
                NamedTrack(device=str(worn.device_id), name=f"{found.name} {day}", track=worn.track)
                for worn in found.worn
            ]
    if not tracks:
        raise NotFound(Message("{worker} reported nothing on these days.", {"worker": whose}))
    with writing(out, Unavailable):
        write_tracks(out, tracks, track_format=track_format)
    facts = {"path": str(out), "tracks": len(tracks), "fixes": sum(len(one.track) for one in tracks)}
    click.echo(json.dumps(facts, ensure_ascii=False))
