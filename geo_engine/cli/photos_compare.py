"""`geo-engine photos compare`: whether two pictures are the same one, and by how much they differ."""

import json
from pathlib import Path

import click

from geo_engine.photos.alignment import compare
from geo_engine.photos.developing import develop
from geo_engine.photos.fingerprints import meet
from geo_engine.photos.jpeg import read_shades
from geo_engine.photos.reuse import ReuseParams, kind_of


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
def command(first: Path, second: Path) -> None:
    """Print whether A and B are the same picture, as JSON.

    `kind` is same_file, same_picture, same_view or different; `distance` is in how many of 128 frequencies they differ,
    `shapes` and `details` are correlations, up to 1, when one lies upon the other, `agreeing` a share of blocks.
    """
    one, other = develop(first.read_bytes()), develop(second.read_bytes())
    meeting = meet(one.fingerprint, other.fingerprint)
    likeness = compare(read_shades(one.thumbnail), read_shades(other.thumbnail), meeting)
    found = kind_of(meeting.distance, likeness, ReuseParams())
    kind = "same_file" if one.sha256 == other.sha256 else "different" if found is None else found.value
    facts = {
        "kind": kind,
        "distance": meeting.distance,
        "shapes": round(likeness.shapes, 3),
        "details": round(likeness.details, 3),
        "agreeing": round(likeness.agreeing, 3),
    }
    click.echo(json.dumps(facts))
