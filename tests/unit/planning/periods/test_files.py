"""Files of visiting rules, of visits and of days off: what is read, and what is said of rows that cannot be."""

import re
from datetime import date

import pytest
from support.periods import MONDAY, RULES, site_at

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.periods.files import read_days_off, read_rules, read_visits, unruled_problems
from geo_engine.reports.period_files import _VISIT_COLUMNS
from geo_engine.tables.model import TableFile
from geo_engine.words import Language, Message

SITES, WORKERS = {SiteId("S1")}, {WorkerId("W1")}


def _file(text: str) -> TableFile:
    return TableFile(name="rules.csv", content=text.encode())


def test_a_rule_says_as_little_as_it_likes() -> None:
    """What is left out is one week, the usual spacing, any weekday; Chinese columns are known."""
    read = read_rules(_file("级别,次数\nA,1\n"), worker_ids=WORKERS, site_ids=SITES)

    assert read.problems == ()
    rule = read.rules[0]
    assert (rule.level, rule.visits, rule.weeks, rule.min_gap_days, rule.max_gap_days) == ("A", 1, 1, 4, 9)
    assert rule.weekdays == frozenset(range(1, 8))


def test_a_rule_says_all_it_can() -> None:
    """A site's own rule, its weekdays, worker and closing days."""
    text = "site,visits,weeks,min_days,max_days,weekdays,worker,closed\nS1,2,4,10,20,周一四,W1,2026-12-25;2027-01-01\n"

    rule = read_rules(_file(text), worker_ids=WORKERS, site_ids=SITES).rules[0]

    assert (rule.site_id, rule.worker_id, rule.weekdays) == ("S1", "W1", {1, 4})
    assert rule.closed_on == {date(2026, 12, 25), date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,S1,1,1,,,,", "A visiting rule is for either a level or a site."),
        (",,1,1,,,,", "A visiting rule is for either a level or a site."),
        (",S9,1,1,,,,", "There is no site S9."),
        ("A,,1,1,,,,W9", "There is no worker W9."),
        ("A,,,1,,,,", "The number of visits is missing."),
        ("A,,8,1,,,,", "“8” is not between 1 and 7."),
        ("A,,1,1,9,5,,", "The least spacing of 9 days is more than the most of 5."),
        ("A,,2,1,4,9,,", "2 visits in 1 week(s) cannot be at least 4 days apart."),
        ("A,,1,4,1,20,,", "1 visits in 4 week(s) cannot be at most 20 days apart."),
        ("A,,1,1,,,Mo-,", "“Mo-” is not a day of the week such as Mon or 1-5."),
    ],
)
def test_a_rule_that_cannot_be_kept_is_told_with_its_line(row: str, said: str) -> None:
    """The row is named with the reason, and the other rows are read."""
    head = "level,site,visits,weeks,min_days,max_days,weekdays,worker"

    read = read_rules(_file(f"{head}\n{row}\nB,,1,2,,,,\n"), worker_ids=WORKERS, site_ids=SITES)

    assert [
        (problem.line, str(problem.reason.template.format_map(problem.reason.facts))) for problem in read.problems
    ] == [(2, said)]
    assert [rule.level for rule in read.rules] == ["B"]


def test_a_second_rule_for_the_same_is_told() -> None:
    """Which of two should hold nobody knows; the first does."""
    read = read_rules(_file("level,visits\nA,1\nA,2\n"), worker_ids=WORKERS, site_ids=SITES)

    assert [(problem.line, problem.reason.facts["line"]) for problem in read.problems] == [(3, 2)]
    assert [rule.visits for rule in read.rules] == [1]


def test_sites_without_a_rule_are_told_by_their_line() -> None:
    """A level nobody made a rule for, and no level at all."""
    sites = [site_at("S1", "A", line=2), site_at("S2", "X", line=3), site_at("S3", "", line=4)]

    assert [problem.line for problem in unruled_problems(sites, RULES, "sites.csv")] == [3, 4]


def test_visits_that_failed_are_not_made() -> None:
    """Only what was made counts; a plan's rows are those with a worker."""
    text = "date,site,worker,outcome\n2026-11-30,S1,W1,made\n2026-12-07,S1,,失败\n2026-12-08,S1,,\nnever,S1,,\n"

    read = read_visits(_file(text), site_ids=SITES)

    assert [visit.visited_on.day for visit in read.made] == [30, 8]
    assert [visit.planned_on for visit in read.planned] == [MONDAY]
    assert [problem.line for problem in read.problems] == [5]


def test_a_leave_covers_all_its_days() -> None:
    """From a day until another, both included; one that ends before it begins is told."""
    text = "worker,from,until\nW1,2026-12-24,2026-12-26\nW1,2027-01-02,2027-01-01\nW9,2026-12-24,\n"

    read = read_days_off(_file(text), worker_ids=WORKERS)

    assert sorted(day.day for day in read.days_off[WorkerId("W1")]) == [24, 25, 26]
    assert [problem.line for problem in read.problems] == [3, 4]


@pytest.mark.parametrize("until", ["至", "到", "止", "to", "结束日期", "截止日期"])
def test_a_leave_lasts_until_its_last_day_whatever_that_is_called(until: str) -> None:
    """Twenty days of leave are twenty; an end before the start is a problem of its row."""
    head = f"人员,日期,{until}\n"

    read = read_days_off(_file(f"{head}W1,2026-12-01,2026-12-20\n"), worker_ids=WORKERS)
    wrong = read_days_off(_file(f"{head}W1,2026-12-20,2026-12-01\n"), worker_ids=WORKERS)

    assert (len(read.days_off[WorkerId("W1")]), read.problems, read.notices) == (20, (), ())
    assert wrong.days_off == {}
    assert [(one.line, one.column, one.reason.render(Language.EN)) for one in wrong.problems] == [
        (2, until, "2026-12-01 is before 2026-12-20.")
    ]


@pytest.mark.parametrize("weekdays", ["工作日", "星期", "可访问日", "weekdays"])
def test_weekdays_and_closing_days_are_read_or_told(weekdays: str) -> None:
    """From Monday to Friday is no other day; what is no day is a problem with its column."""
    head = f"级别,次数,{weekdays},休业日\n"
    read = [
        read_rules(_file(head + row), worker_ids=WORKERS, site_ids=SITES)
        for row in ("A,1,一-五,\n", "A,1,周八,\n", "A,1,,2026-13-01\n")
    ]

    assert read[0].rules[0].weekdays == frozenset(range(1, 6))
    assert [[(one.column, one.reason.render(Language.EN)) for one in each.problems] for each in read] == [
        [],
        [(weekdays, "“周八” is not a day of the week such as Mon or 1-5.")],
        [("休业日", "“2026-13-01” is not a date such as 2026-11-25.")],
    ]


def test_columns_that_are_not_used_are_told_of_rules_visits_and_leaves() -> None:
    """A notice of the header, beside rows that are read."""
    rules = read_rules(_file("level,visits,remark\nA,1,x\n"), worker_ids=WORKERS, site_ids=SITES)
    visits = read_visits(_file("site,date,remark\nS1,2026-12-01,x\n"), site_ids=SITES)
    leaves = read_days_off(_file("worker,date,remark\nW1,2026-12-01,x\n"), worker_ids=WORKERS)

    for read in (rules, visits, leaves):
        assert read.problems == ()
        assert [(one.file, one.line, one.reason.render(Language.ZH_CN)) for one in read.notices] == [
            ("rules.csv", 1, "以下列未使用：remark。")
        ]
    assert len(rules.rules) == len(visits.made) == len(leaves.days_off) == 1


def test_visits_csv_of_a_period_is_read_without_a_notice() -> None:
    """What the product writes itself holds nothing that anybody has to be told of."""
    text = f"{','.join(_VISIT_COLUMNS)}\n2026-12-01,Tue,W1,1,S1,Shop,A,09:00,09:00,09:30,5,1.2\n"

    read = read_visits(_file(text), site_ids=SITES)

    assert (len(read.planned), read.problems, read.notices) == (1, (), ())


@pytest.mark.parametrize("language", list(Language))
def test_the_columns_the_page_of_weeks_names_are_those_that_are_read(language: Language) -> None:
    """No name in its sentence is a column that is not used."""
    sentence = Message(
        "Columns: level or site, visits; optional: weeks, min_days, max_days, weekdays, worker, closed."
    ).render(language)
    names = re.split(r" or |或|[,;、；] ?", re.sub(r"optional: |可选：|^Columns: |^列：|[.。]$", "", sentence))
    row = ",".join(["A", "", "1", *[""] * (len(names) - 3)])

    read = read_rules(
        _file(f"{','.join(names)}\n{row}\n,{','.join('x' * (len(names) - 1))}\n"), worker_ids=(), site_ids=()
    )

    assert (len(names), len(read.rules), read.notices) == (9, 1, ())
