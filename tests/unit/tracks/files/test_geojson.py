"""Tracks are read from GeoJSON as libraries and phones write it."""

import json
from pathlib import Path

import pytest

from geo_engine.errors import InvalidInput
from geo_engine.tables import RowProblem
from geo_engine.tracks.files import ReadTracks, read_tracks
from geo_engine.words import Language

TIMES = ["2026-03-01T08:00:00Z", "2026-03-01T08:00:01Z", "2026-03-01T08:00:02Z"]
LINE = [[-8.61, 41.15, 88.5], [-8.62, 41.16, 89], [-8.63, 41.17, 90]]


def read(tmp_path: Path, document: object) -> ReadTracks:
    """Return the tracks of a file that holds this document."""
    path = tmp_path / "ride.geojson"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return read_tracks(path)


def feature(kind: str, coordinates: object, **properties: object) -> dict[str, object]:
    """Return a Feature."""
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def collection(*features: object) -> dict[str, object]:
    """Return a FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def told(problem: RowProblem) -> tuple[int, str, str]:
    """Return what a person is told: feature, column and sentence."""
    return problem.line, problem.column, problem.reason.render(Language.EN)


@pytest.mark.parametrize(
    "properties",
    [
        {"coordTimes": TIMES},
        {"coordinateProperties": {"times": TIMES, "speed": [1, None, 3]}},
        {"times": [1772352000000, 1772352001000, 1772352002000]},
    ],
)
def test_a_line_has_a_time_for_each_position(tmp_path: Path, properties: dict[str, object]) -> None:
    """Each line is a track with the name it has."""
    (one,) = read(tmp_path, collection(feature("LineString", LINE, name="morning", **properties))).tracks

    assert one.name == "morning"
    assert one.track.altitudes_m.tolist() == [88.5, 89, 90]
    assert (one.track.times_us[1:] - one.track.times_us[:-1]).tolist() == [1_000_000] * 2


def test_a_line_of_several_parts_is_one_track(tmp_path: Path) -> None:
    """Its times may be in parts as well."""
    document = feature("MultiLineString", [LINE[:1], LINE[1:]], coordTimes=[TIMES[:1], TIMES[1:]], device=17)

    (one,) = read(tmp_path, document).tracks

    assert (one.device, len(one.track)) == ("17", 3)


def test_a_list_that_is_too_short_costs_no_fix(tmp_path: Path) -> None:
    """What it does not tell is unknown, and the mismatch is named."""
    told_apart = {"times": TIMES, "speed": [1], "heart": [80]}

    found = read(tmp_path, feature("LineString", LINE, coordinateProperties=told_apart))

    assert [str(speed) for speed in found.tracks[0].track.speeds_mps] == ["1.0", "nan", "nan"]
    assert [told(one) for one in found.problems] == [(1, "speed", "There are 1 values for 3 positions.")]


def test_points_with_times_are_a_track_of_each_device(tmp_path: Path) -> None:
    """As phones send them: one feature a fix, what is known of it in its properties."""
    points = [
        feature(
            "Point", position, timestamp=time, device_id=device, horizontal_accuracy=5, speed=-1, motion=["walking"]
        )
        for position, time, device in zip(LINE, TIMES, ["a", "b", "a"], strict=True)
    ]

    found = read(tmp_path, collection(*points))

    assert [(one.device, len(one.track)) for one in found.tracks] == [("a", 2), ("b", 1)]
    assert found.tracks[0].track.accuracies_m.tolist() == [5, 5]
    assert str(found.tracks[0].track.speeds_mps[0]) == "nan"


def test_what_is_no_fix_is_named_by_feature(tmp_path: Path) -> None:
    """Areas, features without a place, and positions without a time are left out, each with the reason."""
    found = read(
        tmp_path,
        collection(
            feature("LineString", [*LINE, ["x", 1], [1]], coordTimes=[*TIMES[:2], "?", *TIMES[:2]]),
            feature("Polygon", []),
            {"type": "Feature", "geometry": None, "properties": {"time": TIMES[0]}},
            "nothing",
            feature("LineString", LINE),
            feature("LineString", LINE, coordTimes=TIMES[:1]),
            feature("Point", LINE[0]),
        ),
    )

    assert [told(problem) for problem in found.problems] == [
        (1, "coordTimes[2]", "“?” is not a moment such as 2026-03-01T08:00:00+08:00, or seconds since 1970."),
        (1, "lon[3]", "“x” is not a number such as 12 or 12.5."),
        (1, "lat[4]", "lat is missing."),
        (2, "", "A Polygon is no part of a track."),
        (3, "", "The feature has no position."),
        (4, "", "This is not a GeoJSON Feature."),
        (5, "", "None of the 3 positions here has a time."),
        (6, "coordTimes", "There are 1 times for 3 positions; the rest is left out."),
        (7, "tracked_at", "The time is missing."),
    ]


def test_a_number_beyond_all_numbers_is_none(tmp_path: Path) -> None:
    """1e400 is JSON, but no place."""
    text = json.dumps(feature("LineString", LINE, coordTimes=TIMES)).replace("-8.61", "1e400")

    assert [told(problem)[1] for problem in read(tmp_path, text).problems] == ["lon[0]"]


@pytest.mark.parametrize("text", ['{"type": "Topology"}', "[1, 2]", '{"a": NaN}', "{", "[" * 100_000])
def test_what_is_no_geojson_is_refused(tmp_path: Path, text: str) -> None:
    """Also what nests deeper than anyone reads."""
    with pytest.raises(InvalidInput, match=r"ride\.geojson"):
        read(tmp_path, text)
