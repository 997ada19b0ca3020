"""The map page says where travel follows the hour of the day."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.browser import DESKTOP, PHONE, OpenPage, Watch
from support.monaco_day import monaco_day

from geo_engine.reports.model import PlanReport
from geo_engine.reports.plan_files import write_plan_files
from geo_engine.roads.straight import StraightRouter
from geo_engine.travel_modes import TravelMode

RUSH = (*(100,) * 7, 60, 60, *(100,) * 8, 55, *(100,) * 6)


WORDS = {
    "zh-CN": ("行驶时间随时段变化", "驾车：7:00–9:00 为 60%、17:00–18:00 为 55%", "自行车：0:00–24:00 为 80%"),
    "en-US": (
        "Travel follows the hour",
        "by car: 7:00–9:00 at 60 %, 17:00–18:00 at 55 %",
        "by bicycle: 0:00–24:00 at 80 %",
    ),
}


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("locale", list(WORDS))
def test_the_hours_that_are_slow_are_named(
    tmp_path: Path, open_page: OpenPage, watch: Watch, locale: str, size: tuple[int, int]
) -> None:
    """The runs of hours of each mode somebody travels by, in words and all in sight; nothing at full speed."""
    day = monaco_day(StraightRouter(), worker_count=2, visit_count=6, hostile=False)
    first, second = day.workers
    mixed = {first: replace(day.workers[first], mode=TravelMode.BICYCLE), second: day.workers[second]}
    title, car, bicycle = WORDS[locale]
    said = []
    for speeds, workers in (
        ({"car": RUSH, "bicycle": (80,) * 24}, day.workers),
        ({"car": RUSH, "bicycle": (80,) * 24}, mixed),
        ({"car": (100,) * 24, "bicycle": (80,) * 24}, day.workers),
    ):
        write_plan_files(PlanReport(day_plan=replace(day, speeds=speeds, workers=workers)), tmp_path)
        page = open_page(tmp_path / "plan.html", locale=locale, size=size)
        banners = page.locator(".banner.by-hour")
        said.append(
            [one.locator("li").all_text_contents() for one in banners.all() if title in (one.text_content() or "")]
        )
        assert page.locator("#panel-body").evaluate("body => body.scrollWidth - body.clientWidth") == 0

    assert said == [[[car]], [[car, bicycle]], []]
    watch.assert_clean()
