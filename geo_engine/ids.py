"""One type for every identity, so that none is mistaken for another.

What a company names itself (sites, workers, teams …) keeps the company's own text; what the system makes
(tenants, members, plans …) has a UUID.
"""

import unicodedata
from typing import NewType
from uuid import UUID

from geo_engine.errors import InvalidInput
from geo_engine.words import Message

_LONGEST = 200
_UNFIT = frozenset({"Cc", "Cs"})  # control characters and lone surrogates

SiteId = NewType("SiteId", str)
GeofenceId = NewType("GeofenceId", str)
CustomerId = NewType("CustomerId", str)
WorkerId = NewType("WorkerId", str)
DepotId = NewType("DepotId", str)
TeamId = NewType("TeamId", str)
RoleId = NewType("RoleId", str)
JobId = NewType("JobId", str)
GraphKey = NewType("GraphKey", str)

TenantId = NewType("TenantId", UUID)
MemberId = NewType("MemberId", UUID)
PlanId = NewType("PlanId", UUID)
PlanRequestId = NewType("PlanRequestId", UUID)
PeriodId = NewType("PeriodId", UUID)
ImportId = NewType("ImportId", UUID)
DeviceId = NewType("DeviceId", UUID)
VisitId = NewType("VisitId", UUID)
CheckInId = NewType("CheckInId", UUID)
DecisionId = NewType("DecisionId", UUID)
PhotoId = NewType("PhotoId", UUID)


def parse_id(text: str) -> str:
    """Return what a company calls something as it is kept: trimmed, full-width letters made plain (NFKC).

    Raises
    ------
    InvalidInput
        When it is empty, longer than 200 characters, or holds a control character or a lone surrogate.

    Examples
    --------
    >>> parse_id(" Ａ区 ")
    'A区'
    """
    return parse_name(unicodedata.normalize("NFKC", text))


def parse_name(text: str) -> str:
    """Return a name that people read as it is kept: trimmed, otherwise as they write it.

    Raises
    ------
    InvalidInput
        As `parse_id`.

    Examples
    --------
    >>> parse_name(" Acme（北京） ")
    'Acme（北京）'
    """
    found = text.strip()
    shown = found
    if not found.isprintable():  # nearly all are, and no character of them has to be looked at
        shown = "".join("\N{REPLACEMENT CHARACTER}" if _is_unfit(one) else one for one in found)
    if not found:
        raise InvalidInput(Message("An id or a name must not be empty."))
    if shown != found:
        raise InvalidInput(Message("“{text}” holds a character that cannot be shown.", {"text": shown}))
    if len(found) > _LONGEST:
        facts = {"text": f"{found[:20]}…", "most": _LONGEST}
        raise InvalidInput(Message("“{text}” is longer than {most} characters.", facts))
    return found


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in _UNFIT
