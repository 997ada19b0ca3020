"""The map page says where travel follows the hour of the day."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.browser import OpenPage, Watch
from support.monaco_day import monaco_day

from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.roads.straight import StraightRouter

RUSH = (*(100,) * 7, 60, 60, *(100,) * 8, 55, *(100,) * 6)


@pytest.mark.parametrize(("locale", "title"), [("zh-CN", "行驶时间随时段变化"), ("en-US", "Travel follows the hour")])
def test_the_hours_that_are_slow_are_named(
    tmp_path: Path, open_page: OpenPage, watch: Watch, locale: str, title: str
) -> None:
    """Runs of hours with their per cents, modes named where there are several; nothing where all are at full speed."""
    day = monaco_day(StraightRouter(), worker_count=1, visit_count=3, hostile=False)
    said = []
    for speeds in ({"car": RUSH}, {"car": RUSH, "bicycle": (80,) * 24}, {"car": (100,) * 24}):
        write_plan_files(PlanReport(day_plan=replace(day, speeds=speeds)), tmp_path)
        page = open_page(tmp_path / "plan.html", locale=locale)
        said.append(page.locator(".banner.hours").all_inner_texts())

    assert title in said[0][0]
    assert "7–9 60 %, 17–18 55 %" in said[0][0]
    assert "bicycle 0–24 80 %" in said[1][0]
    assert said[2] == []
    watch.assert_clean()
