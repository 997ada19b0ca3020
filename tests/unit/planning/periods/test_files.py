"""Files of visiting rules, of visits and of days off: what is read, and what is said of rows that cannot be."""

from datetime import date

import pytest
from support.periods import MONDAY, RULES, site_at

from geo_engine.ids import SiteId, WorkerId
from geo_engine.planning.periods.files import read_days_off, read_rules, read_visits, unruled_problems
from geo_engine.tables.model import TableFile

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
