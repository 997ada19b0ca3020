"""What the OwnTracks Recorder keeps and answers is read."""

import json
from pathlib import Path

from geo_engine.tables import RowProblem
from geo_engine.tracks.files import read_tracks
from geo_engine.words import Language

FIX = {"_type": "location", "tst": 1772352000, "lat": 41.15, "lon": -8.61, "acc": 12, "vel": 36, "cog": 270, "batt": 81}
LEAVING = {"_type": "transition", "tst": 1772352001, "lat": 41.15, "lon": -8.61, "event": "leave"}
SEALED = {"_type": "encrypted", "data": "abc"}


def told(problem: RowProblem) -> tuple[int, str, str]:
    """Return what a person is told: line, column and sentence."""
    return problem.line, problem.column, problem.reason.render(Language.EN)


def test_a_record_file_has_a_report_a_line(tmp_path: Path) -> None:
    """Positions are read, with speed in km/h; what breaks off or is encrypted is named, the rest is no position."""
    path = tmp_path / "2026-03.rec"
    reports = [FIX, LEAVING, SEALED, FIX | {"tst": 1772352010, "lat": "north"}]
    lines = [f"2026-03-01T08:00:00Z\t*                 \t{json.dumps(report)}\n" for report in reports]
    path.write_text("".join(lines) + "2026-03-01T08:00:00Z\t*\t{")

    found = read_tracks(path)

    (one,) = found.tracks
    assert (one.track.speeds_mps.tolist(), one.track.batteries_percent.tolist()) == ([10], [81])
    assert [told(problem) for problem in found.problems] == [
        (3, "", "The report is encrypted."),
        (4, "lat", "“north” is not a number such as 12 or 12.5."),
        (5, "", "This line is no report of a phone."),
    ]


def test_an_answer_of_the_recorder_has_a_track_of_each_device(tmp_path: Path) -> None:
    """Two people may both call their phone “phone”."""
    path = tmp_path / "locations.json"
    data = [FIX | {"topic": f"owntracks/{user}/phone", "tid": "ph"} for user in ("jane", "joe", "jane")]
    path.write_text(json.dumps({"count": 3, "data": data}))

    found = read_tracks(path)

    assert [(one.device, len(one.track)) for one in found.tracks] == [("jane/phone", 2), ("joe/phone", 1)]
