"""`geo-engine periods` on files: weeks that hold, rows that are refused by name, a plan that is rolled forward."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.period_checker import PeriodFacts, Row, check_period, rows_of
from support.program import Cells, Run, run_program, write_csv

FIRST = date(2026, 11, 30)
RULES: list[Cells] = [
    {"level": "A", "visits": 1, "weeks": 1, "min_days": 5, "max_days": 9, "weekdays": "Mon;Tue;Wed;Thu;Fri"},
    {"level": "C", "visits": 1, "weeks": 4, "min_days": 21, "max_days": 35, "weekdays": ""},
]
SITES: list[Cells] = [
    {"id": f"S{n}", "name": f"Site {n}", "lon": 7.42 + n / 500, "lat": 43.735 + n % 3 / 500, "level": "AC"[n % 2]}
    for n in range(8)
]
WORKERS: list[Cells] = [{"id": f"W{n}", "start_lon": 7.42 + n / 100, "start_lat": 43.736} for n in range(2)]


class Periods:
    """The program on rows, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_csv(folder / "sites.csv", SITES)
        write_csv(folder / "workers.csv", WORKERS)
        write_csv(folder / "rules.csv", RULES)

    def plan(self, *options: object, out: str = "out", lang: str = "en") -> Run:
        """Plan four weeks on estimates."""
        files = ["--sites", "sites.csv", "--workers", "workers.csv", "--rules", "rules.csv"]
        asked = ["--from", FIRST, "--weeks", 4, "--roads", "straight", "--out", out, "--round-limit", 30]
        return run_program(
            *("--lang", lang, "periods", *files, *asked, "--route-limit", 0, *options), folder=self.folder
        )

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a file."""
        return rows_of((self.folder / name).read_text(encoding="utf-8"))

    def wrong(self, out: str = "out", **facts: Any) -> list[str]:  # noqa: ANN401 - of the checker
        """Return what an independent reading finds wrong."""
        given = {name: self.rows(f"{name}.csv") for name in ("sites", "workers", "rules")}
        asked = {"first": FIRST, "weeks": 4, "made": {}, **facts}
        return check_period(PeriodFacts(**given, visits=self.rows(f"{out}/visits.csv"), **asked))


@pytest.fixture
def periods(tmp_path: Path) -> Periods:
    """Return what plans the rows."""
    return Periods(tmp_path)


def test_weeks_are_planned_and_hold(periods: Periods) -> None:
    """The summary is on stdout, the files say the same, and every rule is kept."""
    run = periods.plan()

    assert run.code == 0, run.err
    summary = json.loads(run.out)
    assert (summary["planned_count"], summary["missed_count"], summary["late_count"]) == (20, 0, 0)
    assert periods.wrong() == []
    assert json.loads((periods.folder / "out" / "period.json").read_text())["summary"] == summary
    assert sum(int(row["due"]) for row in periods.rows("out/coverage.csv")) == 20


def test_a_period_is_rolled_forward(periods: Periods) -> None:
    """After a week of which one visit failed, the rest is planned on, and most of it stays.

    The failed visit is owed: twice a week its rule does not allow, so that one is missed and said to be.
    """
    periods.plan(out="first")
    past = [row for row in periods.rows("first/visits.csv") if row["date"] < "2026-12-07"]
    failed = next(row["site"] for row in past if row["level"] == "A")
    outcomes = [{**row, "outcome": "failed" if row["site"] == failed else "made"} for row in past]
    write_csv(periods.folder / "made.csv", outcomes)

    again = ("--today", "2026-12-07", "--made", "made.csv", "--earlier", "first/visits.csv")
    run = periods.plan(*again, out="second")

    assert run.code == 0, run.err
    made = {row["site"]: [date.fromisoformat(row["date"])] for row in past if row["site"] != failed}
    wrong = periods.wrong("second", made=made, today=date(2026, 12, 7))
    assert [words for words in wrong if not words.startswith(failed)] == []
    owed = [row for row in periods.rows("second/visits.csv") if row["site"] == failed]
    assert len(owed) == 3
    assert [(row["site"], row["count"], row["reason"]) for row in periods.rows("second/missed.csv")] == [
        (failed, "1", "no_day")
    ]
    assert sum(int(row["carried"]) for row in periods.rows("second/coverage.csv")) == 1
    assert json.loads(run.out)["kept_count"] >= 10


def test_who_is_off_is_named_where_visits_are_missed(periods: Periods) -> None:
    """The files of both languages say whose leave it was, sorted as such."""
    write_csv(periods.folder / "workers.csv", [{**WORKERS[0], "name": "李雷"}])
    write_csv(periods.folder / "off.csv", [{"worker": "W0", "date": "2026-12-07", "until": "2026-12-11"}])

    periods.plan("--days-off", "off.csv", out="english")
    periods.plan("--days-off", "off.csv", out="chinese", lang="zh-CN")

    english, chinese = (periods.rows(f"{out}/missed.csv") for out in ("english", "chinese"))
    assert [(row["site"], row["from"], row["reason"]) for row in english] == [
        (site, "2026-12-07", "worker_off") for site in ("S0", "S2", "S4", "S6")
    ]
    assert {row["detail"].partition(";")[0] for row in english} == {"While 李雷 is off nobody else can go"}
    assert {row["说明"] for row in chinese} == {"李雷 请假期间无人可代为拜访，此外已没有拜访规则允许的日子。"}
    assert {row["原因"] for row in chinese} == {"人员请假"}


def test_the_sheets_are_in_the_language_that_is_asked_for_and_are_read_back(periods: Periods) -> None:
    """Headings and weekdays are Chinese, and what was planned so is what the next period begins with."""
    periods.plan(out="first", lang="zh-CN")

    visits, coverage = (periods.rows(f"first/{name}.csv") for name in ("visits", "coverage"))
    assert list(visits[0]) == [
        *("日期", "星期", "人员", "序号", "网点", "名称", "级别"),
        *("到达", "开始", "结束", "行驶（分钟）", "里程（公里）"),
    ]
    assert {row["星期"] for row in visits} <= {"周一", "周二", "周三", "周四", "周五"}
    assert list(coverage[0]) == ["周次", "起始日期", "级别", "应拜访", "已拜访", "已计划", "未能拜访", "结转"]
    run = periods.plan("--earlier", "first/visits.csv", out="second", lang="zh-CN")
    assert (run.code, json.loads(run.out)["kept_count"]) == (0, len(visits))


def test_rows_that_cannot_be_used_are_named(periods: Periods) -> None:
    """A rule that contradicts itself, a level without a rule: told by file and line; --strict does nothing then."""
    write_csv(periods.folder / "rules.csv", [*RULES, {"level": "B", "visits": 2, "weeks": 1, "min_days": 6}])
    write_csv(periods.folder / "sites.csv", [*SITES, {"id": "S9", "lon": 7.42, "lat": 43.735, "level": "X"}])

    run, strict = periods.plan(), periods.plan("--strict", out="none")

    assert run.code == 0
    assert "rules.csv:4: " in run.err
    assert "sites.csv:10 level: There is no visiting rule for level X." in run.err
    assert strict.code == 2
    assert not (periods.folder / "none" / "visits.csv").exists()


def test_columns_that_are_not_used_are_named_and_nothing_is_refused_for_them(periods: Periods) -> None:
    """On stderr and in period.json, of every file; strictness is about rows; what the program wrote is read quietly."""
    periods.plan(out="first")
    write_csv(periods.folder / "rules.csv", [{**rule, "谁定的": "me"} for rule in RULES])
    write_csv(periods.folder / "off.csv", [{"人员": "W0", "日期": "2026-12-01", "至": "2026-12-20", "备注": "trip"}])

    options = "--days-off", "off.csv", "--earlier", "first/visits.csv", "--strict"
    run, chinese = periods.plan(*options), periods.plan(*options, out="zh", lang="zh-CN")

    assert (run.code, chinese.code) == (0, 0), run.err
    told = [line for line in run.err.splitlines() if "not used" in line]
    assert told == [
        "rules.csv:1: Columns that are not used: 谁定的.",
        "off.csv:1: Columns that are not used: 备注.",
    ]
    document = json.loads((periods.folder / "zh" / "period.json").read_text())
    assert [notice["reason"] for notice in document["notices"]] == ["以下列未使用：谁定的。", "以下列未使用：备注。"]
    assert (document["problems"], document["summary"]["problem_count"]) == ([], 0)
    assert not [
        row
        for row in periods.rows("out/visits.csv")
        if row["worker"] == "W0" and "2026-12-01" <= row["date"] <= "2026-12-20"
    ]


def test_a_period_that_makes_no_sense_is_refused(periods: Periods) -> None:
    """A today outside the weeks is an input error, said in words."""
    run = periods.plan("--today", "2027-01-01")

    assert (run.code, run.out) == (2, "")
    assert "2027-01-01 is not within the period from 2026-11-30 to 2026-12-27." in run.err


def test_weeks_are_planned_with_the_speeds_that_are_named(periods: Periods) -> None:
    """`periods --speeds` is that of `plan`: at half speed the weeks take twice the travel, and the files say so."""
    usual, slow = periods.plan(out="usual"), periods.plan("--speeds", "0-24:50")
    refused = periods.plan("--speeds", "0-24:5")

    taken = [json.loads(run.out) for run in (usual, slow)]
    assert [one["planned_count"] for one in taken] == [20, 20]
    by_metre = [one["travel_s"] / one["travel_m"] for one in taken]
    assert by_metre[1] == pytest.approx(2 * by_metre[0], rel=0.02)
    assert [one["speeds"] for one in taken] == [{}, {"car": [50] * 24}]
    assert periods.wrong() == []
    assert (refused.code, refused.out) == (2, "")
