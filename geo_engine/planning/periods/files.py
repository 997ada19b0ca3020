"""The columns of files of visiting rules, of visits made or planned, and of days off; how rows become values.

A rule needs ``visits`` and either a ``level`` or a ``site``; everything else has a default: one week, the usual
spacing, every day that is worked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from geo_engine.customers import Site
from geo_engine.errors import InvalidInput
from geo_engine.ids import SiteId, WorkerId, parse_id
from geo_engine.planning.periods.model import (
    ANY_WEEKDAY,
    MAX_WEEKS,
    EarlierVisit,
    MadeVisit,
    VisitingRule,
    leave_days,
    usual_gaps,
)
from geo_engine.tables.days import parse_day, parse_days, parse_weekdays
from geo_engine.tables.fields import Layout, RowReader, all_problems, row_readers, unused_columns
from geo_engine.tables.model import RowProblem, TableSource
from geo_engine.tables.parsers import parse_whole, plain
from geo_engine.tables.read import read_table
from geo_engine.words import Message

_SITE = dict.fromkeys(("网点", "网点编号", "客户编号", "编号", "site_id", "id"), "site")
_WORKER = dict.fromkeys(("人员", "工号", "负责人", "指定人员", "优先人员", "worker_id", "preferred_worker"), "worker")
_DATE = dict.fromkeys(("日期", "拜访日期", "day"), "date")
_RULES = Layout(
    aliases={
        **_SITE,
        **_WORKER,
        **dict.fromkeys(("级别", "等级", "客户级别", "客户等级", "customer_level"), "level"),
        **dict.fromkeys(("次数", "拜访次数", "频次", "times"), "visits"),
        **dict.fromkeys(("周数", "周期周数", "每几周", "every_weeks"), "weeks"),
        **dict.fromkeys(("最小间隔", "最短间隔", "最小间隔天数", "min_gap_days"), "min_days"),
        **dict.fromkeys(("最大间隔", "最长间隔", "最大间隔天数", "max_gap_days"), "max_days"),
        **dict.fromkeys(("星期", "可访星期", "拜访星期", "工作日", "可访问日", "可访日", "days"), "weekdays"),
        **dict.fromkeys(("休业日", "不可访日期", "假日", "holidays"), "closed"),
    },
    lists=frozenset({"weekdays", "closed"}),
    needed=((("level",), ("site",)), (("visits",),)),
)
_VISITS = Layout(
    aliases={**_SITE, **_WORKER, **_DATE, **dict.fromkeys(("结果", "状态", "status"), "outcome")},
    lists=frozenset(),
    needed=((("site",),), (("date",),)),
    passed=frozenset(  # the other columns of ``visits.csv`` of a period
        ("weekday", "number", "name", "level", "arrival", "start", "end", "travel_min", "travel_km")
    ),
)
_DAYS_OFF = Layout(
    aliases={
        **_WORKER,
        **_DATE,
        **dict.fromkeys(("from", "自", "从", "开始", "开始日期", "起始日期"), "date"),
        **dict.fromkeys(("to", "至", "到", "止", "结束", "结束日期", "截止日期"), "until"),
    },
    lists=frozenset(),
    needed=((("worker",),), (("date",),)),
)
_MADE = frozenset({"made", "done", "ok", "confirmed", "完成", "已完成", "已拜访", "成功"})
_FAILED = frozenset({"failed", "missed", "失败", "未完成", "未拜访"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesRead:
    """The rules of a file, what was wrong with its other rows, and what nobody has to correct."""

    rules: tuple[VisitingRule, ...]
    problems: tuple[RowProblem, ...]
    notices: tuple[RowProblem, ...]


def read_rules(source: TableSource, *, worker_ids: Collection[WorkerId], site_ids: Collection[SiteId]) -> RulesRead:
    """Return the visiting rules in a CSV, XLSX or GeoJSON file; a row that cannot be read costs no other.

    Parameters
    ----------
    worker_ids, site_ids
        Who and what is known; a rule that names another is a problem.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    """
    table = read_table(source)
    readers = row_readers(table, _RULES)
    rules = [_rule(reader, worker_ids, site_ids) for reader in readers]
    _refuse_repeats(readers, rules)
    return RulesRead(
        rules=tuple(rule for reader, rule in zip(readers, rules, strict=True) if rule and not reader.problems),
        problems=all_problems(table, _RULES, readers),
        notices=unused_columns(table, _RULES),
    )


def _rule(reader: RowReader, worker_ids: Collection[WorkerId], site_ids: Collection[SiteId]) -> VisitingRule | None:
    level, site = reader.read("level", parse_id, ""), reader.read("site", parse_id, "")
    if bool(level) == bool(site):
        reader.fail("", Message("A visiting rule is for either a level or a site."))
    if site and SiteId(site) not in site_ids:
        reader.fail("site", Message("There is no site {id}.", {"id": site}))
    worker = reader.read("worker", parse_id, "")
    if worker and WorkerId(worker) not in worker_ids:
        reader.fail("worker", Message("There is no worker {id}.", {"id": worker}))
    if not reader.text("visits"):
        reader.fail("visits", Message("The number of visits is missing."))
    weeks = reader.read("weeks", partial(parse_whole, at_least=1, at_most=MAX_WEEKS), 1)
    visits = reader.read("visits", partial(parse_whole, at_least=1, at_most=7 * weeks), 1)
    weekdays = reader.read("weekdays", parse_weekdays, ANY_WEEKDAY)
    least, most = usual_gaps(visits, weeks, weekdays)
    number = partial(parse_whole, at_least=1, at_most=7 * MAX_WEEKS)
    rule = VisitingRule(
        level=level,
        site_id=SiteId(site) if site else None,
        visits=visits,
        weeks=weeks,
        min_gap_days=reader.read("min_days", number, least),
        max_gap_days=reader.read("max_days", number, most),
        weekdays=weekdays,
        worker_id=WorkerId(worker) if worker else None,
        closed_on=reader.read("closed", parse_days, frozenset()),
        line=reader.line,
    )
    contradiction = contradiction_of(rule)
    if contradiction is not None and not reader.problems:
        reader.fail("", contradiction)
    return rule


def contradiction_of(rule: VisitingRule) -> Message | None:
    """Return why a rule can never be kept; None when it can."""
    facts = {
        "visits": rule.visits,
        "weeks": rule.weeks,
        "least": rule.min_gap_days,
        "most": rule.max_gap_days,
    }
    if rule.min_gap_days > rule.max_gap_days:
        return Message("The least spacing of {least} days is more than the most of {most}.", facts)
    if rule.visits * rule.min_gap_days > 7 * rule.weeks:
        return Message("{visits} visits in {weeks} week(s) cannot be at least {least} days apart.", facts)
    if rule.visits * rule.max_gap_days < 7 * rule.weeks:
        return Message("{visits} visits in {weeks} week(s) cannot be at most {most} days apart.", facts)
    return None


def _refuse_repeats(readers: Iterable[RowReader], rules: Iterable[VisitingRule | None]) -> None:
    first_lines: dict[tuple[str, SiteId | None], int] = {}
    for reader, rule in zip(readers, rules, strict=True):
        if rule is None or not (rule.level or rule.site_id):
            continue
        line = first_lines.setdefault((rule.level, rule.site_id), reader.line)
        if line != reader.line:
            facts = {"whom": rule.level or rule.site_id, "line": line}
            reader.fail("", Message("Line {line} has a rule for {whom} already.", facts))


def unruled_problems(sites: Iterable[Site], rules: Iterable[VisitingRule], file: str) -> Iterator[RowProblem]:
    """Give, as problems of the file of sites, the sites for which there is no rule."""
    levels = {rule.level for rule in rules}
    own = {rule.site_id for rule in rules}
    for site in sites:
        if site.id in own or site.level in levels - {""}:
            continue
        reason = Message("There is no visiting rule for level {level}.", {"level": site.level})
        if not site.level:
            reason = Message("The site has no level, and no visiting rule of its own.")
        yield RowProblem(file=file, line=site.line, column="level", reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsRead:
    """The visits of a file: those made, those of an earlier plan, what was wrong with other rows, and notices."""

    made: tuple[MadeVisit, ...]
    planned: tuple[EarlierVisit, ...]
    problems: tuple[RowProblem, ...]
    notices: tuple[RowProblem, ...]


def read_visits(source: TableSource, *, site_ids: Collection[SiteId]) -> VisitsRead:
    """Return the visits in a file of sites and dates, such as ``visits.csv`` of a period.

    As visits made, those whose ``outcome`` is not that they failed; as an earlier plan's, those with a worker.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    """
    table = read_table(source)
    readers = row_readers(table, _VISITS)
    made, planned = [], []
    for reader in readers:
        site, on = reader.read("site", parse_id, ""), _day(reader, "date")
        is_made, worker = reader.read("outcome", _parse_outcome, True), reader.read("worker", parse_id, "")  # noqa: FBT003 - what an empty cell means
        if SiteId(site) not in site_ids:
            reader.fail("site", Message("There is no site {id}.", {"id": site}))
        if reader.problems or on is None:
            continue
        if is_made:
            made.append(MadeVisit(site_id=SiteId(site), visited_on=on))
        if worker:
            planned.append(EarlierVisit(site_id=SiteId(site), planned_on=on, worker_id=WorkerId(worker)))
    return VisitsRead(
        made=tuple(made),
        planned=tuple(planned),
        problems=all_problems(table, _VISITS, readers),
        notices=unused_columns(table, _VISITS),
    )


def _day(reader: RowReader, column: str) -> date | None:
    if not reader.text(column):
        reader.fail(column, Message("The date is missing."))
    return reader.read(column, parse_day, None)


def _parse_outcome(text: str) -> bool:
    word = plain(text).casefold()
    if word not in _MADE | _FAILED:
        raise InvalidInput(Message("“{text}” is neither “made” nor “failed”.", {"text": text}))
    return word in _MADE


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOffRead:
    """On which days whom a file has not at work, what was wrong with other rows, and what nobody has to correct."""

    days_off: Mapping[WorkerId, frozenset[date]]
    problems: tuple[RowProblem, ...]
    notices: tuple[RowProblem, ...]


def read_days_off(source: TableSource, *, worker_ids: Collection[WorkerId]) -> DaysOffRead:
    """Return the days off in a file of workers, dates, and dates until which they last.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used.
    """
    table = read_table(source)
    readers = row_readers(table, _DAYS_OFF)
    days_off: dict[WorkerId, frozenset[date]] = {}
    for reader in readers:
        worker, first = WorkerId(reader.read("worker", parse_id, "")), _day(reader, "date")
        last = reader.read("until", parse_day, first)
        if worker not in worker_ids:
            reader.fail("worker", Message("There is no worker {id}.", {"id": worker}))
        if first is None or last is None:
            continue
        try:
            days = leave_days(first, last)
        except InvalidInput as error:
            reader.fail("until", error.message)
            continue
        if not reader.problems:
            days_off[worker] = days_off.get(worker, frozenset()) | days
    return DaysOffRead(
        days_off=days_off,
        problems=all_problems(table, _DAYS_OFF, readers),
        notices=unused_columns(table, _DAYS_OFF),
    )
