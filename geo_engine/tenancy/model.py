"""A company, its teams and the people who sign in."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from geo_engine.errors import Conflict, InvalidInput, NotFound
from geo_engine.ids import MemberId, RoleId, TeamId, TenantId, parse_id
from geo_engine.tenancy.travel_prices import ASSUMED_PRICES, TravelPrices
from geo_engine.words import DEFAULT_LANGUAGE, Language, Message

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


class TrackingGate(StrEnum):
    """When a worker's device is listened to."""

    SHIFT = "shift"
    ALWAYS = "always"


class Attendance(StrEnum):
    """Where clock-ins come from, if they do."""

    NONE = "none"
    PHONE = "phone"


RETENTION_DAYS = (30, 90, 180, 365)
"""For how many days fixes can be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingRule:
    """What a company decides about the tracking of its people.

    Parameters
    ----------
    gate
        `SHIFT`: from clock-in to clock-out, or else in the planned shift of the day; what comes outside is not kept.
    attendance
        With `PHONE` a clock-in may come later than the fixes it covers: they are held sealed for 48 hours.
    retention_days
        One of `RETENTION_DAYS`.

    Raises
    ------
    InvalidInput
        For another number of days.
    """

    gate: TrackingGate = TrackingGate.SHIFT
    attendance: Attendance = Attendance.NONE
    retention_days: int = 90

    def __post_init__(self) -> None:
        if self.retention_days not in RETENTION_DAYS:
            facts = {"days": self.retention_days, "choices": ", ".join(map(str, RETENTION_DAYS))}
            raise InvalidInput(Message("Fixes are kept for one of {choices} days, not {days}.", facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A company that uses the system and sees only itself.

    Parameters
    ----------
    code
        What people type to say which company they mean; unique in the installation, lower case.
    zone
        What the company's clock times are in; None until it is said or its first sites are known.
    prices
        What a kilometre costs; assumed until it is said.
    uses_learned
        Whether days are planned with learned times, where nothing else is asked for.
    """

    id: TenantId
    code: str
    name: str
    zone: ZoneInfo | None
    language: Language = DEFAULT_LANGUAGE
    prices: TravelPrices = ASSUMED_PRICES
    tracking: TrackingRule = TrackingRule()
    uses_learned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A group of people with one dispatcher; teams form a tree, the parent of None is the company."""

    id: TeamId
    name: str
    parent_id: TeamId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who signs in.

    Parameters
    ----------
    login
        Unique in the company; the same person may be a member of several companies.
    team_id
        None stands above all teams.
    """

    id: MemberId
    login: str
    name: str
    role_id: RoleId
    team_id: TeamId | None = None
    language: Language = DEFAULT_LANGUAGE
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A person who is to sign in.

    Parameters
    ----------
    login
        As the person writes it; compared in lower case.
    team_id
        None stands above all teams.
    """

    login: str
    name: str
    role_id: RoleId
    team_id: TeamId | None = None
    language: Language = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a member signs in with, and how often that failed since it last went well.

    Parameters
    ----------
    session_key
        What a signed-in session carries; another with every new password.
    retry_at
        Until then no other try is looked at; None is any time.
    """

    member_id: MemberId
    password_hash: str = field(repr=False)
    session_key: UUID = field(repr=False)
    failed_count: int
    retry_at: datetime | None


class TenantNotFound(NotFound):
    """No company has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(Message("There is no company with the code {code}.", {"code": code}))


class TenantExists(Conflict):
    """Another company has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(Message("The code {code} is already taken.", {"code": code}))


class TenantDiffers(InvalidInput):
    """What was said of a company is not so."""

    def __init__(self, code: str, *, found: str, asked: str) -> None:
        facts = {"code": code, "found": found, "asked": asked}
        super().__init__(Message("The company {code} is there with “{found}”, not with “{asked}”.", facts))


class TeamNotFound(NotFound):
    """The company has no such team."""

    def __init__(self, team_id: TeamId) -> None:
        super().__init__(Message("There is no team {id}.", {"id": team_id}))


class RoleNotFound(NotFound):
    """The company has no such role."""

    def __init__(self, role_id: RoleId) -> None:
        super().__init__(Message("There is no role {id}.", {"id": role_id}))


class RoleWithoutGrants(InvalidInput):
    """A role would allow nothing."""

    def __init__(self) -> None:
        super().__init__(Message("A role must allow something."))


class NoAdministratorLeft(InvalidInput):
    """No role would be left that may change the company and its members without limits."""

    def __init__(self) -> None:
        super().__init__(Message("A company needs a role that may change the company and all its members."))


class LoginTaken(Conflict):
    """Another member of the company signs in so."""

    def __init__(self, login: str) -> None:
        super().__init__(Message("Another member signs in as {login}.", {"login": login}))


class LoginUnknown(NotFound):
    """Nobody in the company signs in so."""

    def __init__(self, login: str) -> None:
        super().__init__(Message("Nobody signs in as {login}.", {"login": login}))


class TeamCycle(InvalidInput):
    """A team would stand below itself."""

    def __init__(self, team_id: TeamId) -> None:
        super().__init__(Message("The team {id} cannot stand below itself.", {"id": team_id}))


class MemberNotFound(NotFound):
    """The company has no such member."""

    def __init__(self, member_id: MemberId) -> None:
        super().__init__(Message("There is no member {id}.", {"id": member_id}))


def parse_code(text: str) -> str:
    """Return a company's code as it is kept.

    Raises
    ------
    InvalidInput
        When it is not 2 to 63 letters, digits and dashes.

    Examples
    --------
    >>> parse_code(" Acme-North ")
    'acme-north'
    """
    code = parse_id(text).lower()
    if not _CODE.fullmatch(code):
        raise InvalidInput(Message("“{text}” is not a code: 2 to 63 of a–z, 0–9 and dashes.", {"text": text}))
    return code
