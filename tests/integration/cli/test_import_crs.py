"""Imports by the command line say when coordinates fit another reference system than was declared."""

import json
import os
from pathlib import Path

import numpy as np
from support.chinese_town import house_places, street_places, write_town
from support.databases import OwnDatabase
from support.program import Run, run_program, write_csv

from geo_engine.db.roles import DatabaseRole
from geo_engine.geometry.crs import Crs, array_from_wgs84

AS_GCJ02 = "if the coordinates were GCJ-02: "


def test_coordinates_that_fit_another_system_are_told_on_stderr(own: OwnDatabase, tmp_path: Path) -> None:
    """Sites and tracks written in GCJ-02 are warned of unless they are declared so; the result names what was."""
    sites = array_from_wgs84(np.array(house_places()[::12]), crs=Crs.GCJ02).tolist()
    drive = array_from_wgs84(np.array(street_places()[:200]), crs=Crs.GCJ02).tolist()
    write_csv(tmp_path / "sites.csv", [{"id": f"S{n}", "lon": at[0], "lat": at[1]} for n, at in enumerate(sites)])
    write_csv(tmp_path / "workers.csv", [{"id": "W1", "lon": 116.31, "lat": 39.99}])
    fixes = [{"tracked_at": 1_764_200_000 + 6 * n, "lon": at[0], "lat": at[1]} for n, at in enumerate(drive)]
    write_csv(tmp_path / "track.csv", fixes)
    write_town(tmp_path / "town.osm.pbf")
    urls = {"DATABASE_URL": own.url(), "DATABASE_OWNER_URL": own.url(DatabaseRole.OWNER)}
    environment = {**os.environ, **urls, "GEO_ENGINE_CACHE_DIR": str(tmp_path / "cache")}

    def run(*arguments: str) -> Run:
        return run_program("--lang", "en", *arguments, folder=tmp_path, environment=environment)

    assert run("tenant", "add", "acme", "--name", "Acme", "--roads", "town.osm.pbf").code == 0
    files = ("--sites", "sites.csv", "--workers", "workers.csv")
    undeclared = run("tenant", "import", "acme", *files)
    declared = run("tenant", "import", "acme", *files, "--crs", "gcj02")
    track = run("tracks", "import", "acme", "track.csv", "--worker", "W1", "--any-time")

    assert [json.loads(one.out)["crs"] for one in (undeclared, declared, track)] == ["wgs84", "gcj02", "wgs84"]
    assert undeclared.err.startswith("sites.csv: ")
    for warned in (undeclared, track):
        assert AS_GCJ02 in warned.err
        assert "--crs gcj02" in warned.err
    assert declared.err == ""
