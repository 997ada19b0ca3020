"""Something the world is to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEvent:
    """Something that happened and that others may want to hear of.

    Parameters
    ----------
    topic
        What happened, such as ``plan.published``.
    key
        What it happened to; events of one key are delivered in order.
    payload
        Ids and figures; who receives it looks up the rest.
    """

    topic: str
    key: str
    payload: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
