"""`geo-engine` run in the test's own folder."""

from pathlib import Path

import pytest
from support.program import Cells, Planner


@pytest.fixture
def plan(tmp_path: Path) -> Planner:
    """Return what plans rows."""
    return Planner(tmp_path)


@pytest.fixture
def near() -> list[Cells]:
    """Return three plain sites."""
    return [
        {"id": "A", "lon": 7.4200, "lat": 43.7350},
        {"id": "B", "lon": 7.4250, "lat": 43.7400},
        {"id": "C", "lon": 7.4280, "lat": 43.7415},
    ]


@pytest.fixture
def one() -> list[Cells]:
    """Return one plain worker."""
    return [{"id": "W", "start_lon": 7.4210, "start_lat": 43.7360}]
