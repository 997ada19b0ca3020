"""One act of one person, as evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from geo_engine.ids import MemberId

type Fact = str | int | float | bool | None
"""What an event or a notice may say beside its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Who did what to what, and when.

    Parameters
    ----------
    act
        What was done, such as ``publish_plan``.
    subject
        What it was done to: its kind and its id, such as ``("plan", "0192…")``.
    member_id
        Who did it; None for the installation's own operator.
    facts
        Ids, figures and what somebody said: never a name, since an event outlives the people in it.
    is_erased
        Whether what can be personal is gone: then the subject's id is empty, and there are no facts.
    """

    act: str
    subject: tuple[str, str]
    member_id: MemberId | None
    happened_at: datetime
    facts: Mapping[str, Fact] = field(default_factory=dict)
    is_erased: bool = False
