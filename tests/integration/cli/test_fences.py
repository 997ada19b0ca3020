"""`geo-engine fences`: drawn, imported, listed, exported and taken away at the command line."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.companies import NOW, add_bare_company
from support.databases import OwnDatabase
from support.program import MONACO, Run, run_program

from geo_engine.customers import Site
from geo_engine.geofences.accuracy_store import SeenAt, replace_day
from geo_engine.geofences.detectability import AccuraciesSeen
from geo_engine.geometry import Position
from geo_engine.ids import GeofenceId, SiteId, WorkerId
from geo_engine.imports.model import FileRead, ImportKind
from geo_engine.imports.service import write_rows
from geo_engine.tenancy import OPERATOR
from geo_engine.tenancy.imports import RowSource
from geo_engine.tenancy.service import get_tenant_id
from geo_engine.workforce import Worker
from geo_engine.workforce.service import import_workers

SITE = Site(id=SiteId("S1"), name="n", position=Position(7.42265, 43.730247))


@pytest.fixture
def code(own: OwnDatabase) -> str:
    """Give the code of a company with one site."""
    tenant_id = add_bare_company(own.app, "alpha")
    with own.app.bound(tenant_id) as session:
        read = FileRead(kind=ImportKind.SITES, file="f", rows=(SITE,), problems=(), doubtful=(), placed=(), written=())
        write_rows(session, read, source=RowSource(file="f"), due_on=None, by=OPERATOR, now=NOW)
    return "alpha"


def _run(own: OwnDatabase, command: str, code: str, *options: object) -> Run:
    return run_program("fences", command, code, *options, environment={**os.environ, "DATABASE_URL": own.url()})


def _lines(run: Run) -> list[dict[str, Any]]:
    assert run.code == 0, run.err
    return [json.loads(line) for line in run.out.splitlines()]


def test_fences_are_drawn_listed_and_taken_away(own: OwnDatabase, code: str) -> None:
    """A circle, a corridor and the building of a site, in place of the site's own circle, which then is back."""
    circle = _run(own, "add", code, "gate", "--at", 7.42, 43.73, "--radius-m", 60, "--windows", "08:00-12:00")
    corridor = _run(own, "add", code, "road", "--wkt", "LINESTRING (7.41 43.73, 7.43 43.74)", "--width-m", 40)
    building = _run(own, "add", code, "church", "--site", "S1", "--building", MONACO)
    listed = _lines(_run(own, "list", code))
    near = _lines(_run(own, "list", code, "--near", 7.42265, 43.730247))
    removed = _run(own, "remove", code, "church", "--version", 1)
    after = _lines(_run(own, "list", code))

    kinds = [_lines(run)[0]["geometry"]["type"] for run in (circle, corridor, building)]
    assert kinds == ["Point", "LineString", "Polygon"]
    assert _lines(circle)[0]["properties"]["windows"] == "08:00-12:00"
    assert [one["id"] for one in listed] == ["church", "gate", "road"]
    assert [one["id"] for one in near] == ["church"]
    assert all(0.0 <= one["properties"]["detectability"] < 1.0 for one in listed)
    assert _lines(removed)[0]["id"] == "church"
    assert [(one["id"], one["properties"]["version"]) for one in after] == [("gate", 1), ("road", 1), ("site/S1", 2)]


def test_what_is_found_there_is_listed_at_the_accuracies_seen(own: OwnDatabase, code: str) -> None:
    """Measured where somebody stayed, by the site's circle and by what is drawn in its place; a usual one elsewhere."""
    with own.app.bound(get_tenant_id(own.app, code)) as session:
        people = [Worker(id=WorkerId("W1"), name="n", start=SITE.position)]
        import_workers(session, people, source=RowSource(file="f"), by=OPERATOR, now=NOW)
        seen = SeenAt(1, AccuraciesSeen.of(np.full(20, 60.0)))
        replace_day(session, WorkerId("W1"), datetime.now(UTC).date(), {GeofenceId("site/S1"): seen})
    _run(own, "add", code, "gate", "--at", 7.42, 43.73, "--radius-m", 100)

    (usual, measured), (drawn,) = (
        _lines(_run(own, "list", code)),
        _lines(_run(own, "add", code, "yard", "--site", "S1", "--radius-m", 100)),
    )

    told = [one["properties"] for one in (usual, measured, drawn)]
    assert [one["is_accuracy_measured"] for one in told] == [False, True, True]
    assert [one["accuracy_m"] for one in told] == [25.0, 66.9, 66.9]
    assert told[0]["detectability"] > told[1]["detectability"] == told[2]["detectability"]
    assert (told[0]["least_width_m"], told[1]["least_width_m"]) == (None, 234)


@pytest.mark.parametrize("form", ["geojson", "csv", "traccar"])
def test_what_is_exported_is_imported_as_it_was(own: OwnDatabase, code: str, form: str, tmp_path: Path) -> None:
    """Read back nothing is added or changed; what a format cannot hold is told."""
    added = _run(own, "add", code, "gate", "--at", 7.42, 43.73, "--radius-m", 60)
    _run(own, "add", code, "holed", "--wkt", "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))")
    exported = _run(own, "export", code, "--format", form)
    (tmp_path / "fences.csv").write_text(exported.out, encoding="utf-8")
    (tmp_path / "gate.geojson").write_text(added.out, encoding="utf-8")

    counts = json.loads(_run(own, "import", code, tmp_path / "fences.csv").out)
    alone = json.loads(_run(own, "import", code, tmp_path / "gate.geojson").out)

    left_out = int(form == "traccar")
    assert counts == {"added_count": 0, "changed_count": 0, "unchanged_count": 2 - left_out, "problem_count": 0}
    assert alone == {"added_count": 0, "changed_count": 0, "unchanged_count": 1, "problem_count": 0}
    assert ("holed is left out" in exported.err) is bool(left_out)


def test_a_file_with_a_bad_row_is_imported_but_for_that_or_not_at_all(
    own: OwnDatabase, code: str, tmp_path: Path
) -> None:
    """What is wrong is told by line; --strict imports nothing, --repair mends what crosses itself."""
    rows = 'id,wkt\ngood,"POLYGON ((0 0, 3 0, 3 3, 0 0))"\ncrossed,"POLYGON ((0 0, 3 3, 3 0, 0 3, 0 0))"\n'
    (tmp_path / "fences.csv").write_text(rows, encoding="utf-8")

    strict = _run(own, "import", code, tmp_path / "fences.csv", "--strict")
    lenient = _run(own, "import", code, tmp_path / "fences.csv")
    repaired = _run(own, "import", code, tmp_path / "fences.csv", "--repair")

    assert (strict.code, strict.out) == (2, "")
    assert "fences.csv:3: The fence's outline is not clear: the outline crosses itself at 1.5, 1.5." in lenient.err
    assert (json.loads(lenient.out)["added_count"], json.loads(repaired.out)["added_count"]) == (1, 1)


def test_a_company_says_how_wide_the_fences_of_sites_are(own: OwnDatabase, code: str) -> None:
    """A hundred metres unless said."""
    usual, said = _run(own, "radius", code), _run(own, "radius", code, 60)
    (fence,) = _lines(_run(own, "list", code))

    assert (json.loads(usual.out), json.loads(said.out)) == ({"radius_m": 100.0}, {"radius_m": 60.0})
    assert fence["properties"]["radius_m"] == 60.0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "Say where the fence is"),
        (("--at", 7.42, 43.73), "A point needs a radius"),
        (("--site", "S404", "--radius-m", 60), "There is no site S404."),
        (("--wkt", "POLYGON"), "is no WKT"),
        (("--wkt", "POLYGON ((0 0, nan 0, 1 1, 0 0))"), "Longitude nan is not between −180 and 180."),
    ],
    ids=["nowhere", "no-radius", "no-site", "no-wkt", "nan"],
)
def test_a_fence_that_says_too_little_is_refused(
    own: OwnDatabase, code: str, options: tuple[object, ...], told: str
) -> None:
    """It is told what is missing."""
    refused = _run(own, "add", code, "gate", *options)

    assert refused.code == 2
    assert told in refused.err
    assert refused.err.count("\n") == 1


def test_a_distance_that_is_none_is_refused(own: OwnDatabase, code: str) -> None:
    """By its own name, not by that of a latitude."""
    refused = _run(own, "list", code, "--near", 7.42, 43.73, "--within-m", "nan")

    assert (refused.code, refused.err) == (2, "“nan” is not a number such as 12 or 12.5.\n")


def test_the_outline_of_a_building_is_printed() -> None:
    """As GeoJSON, to be looked at or imported."""
    run = run_program("fences", "outline", "--extract", MONACO, 7.42265, 43.730247)

    (feature,) = _lines(run)
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["properties"]["distance_m"] == 0
