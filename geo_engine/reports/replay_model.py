"""A day to be replayed: a track, what was derived from it, and what it is drawn with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from geo_engine.tracks import Gap, Stop, Track, Trip
from geo_engine.tracks.driven import DrivenTrip, DrivenWays
from geo_engine.words import DEFAULT_LANGUAGE, Language, Message


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """Everything a replay shows.

    Parameters
    ----------
    title
        Whose track it is, or the file's name.
    flags
        Bits of `Flag`, one number per fix of `track`.
    stops, trips, gaps
        Each in order of time.
    driven
        The ways of the track on roads; None where none were given.
    driven_trips
        How far trips went along roads, by when they began, of those of which it is known.
    zone
        Whose clocks the moments are shown by.
    background
        What the map shows under the track, as `encode_background` writes it; None leaves it plain.
    attribution
        Whose data the background or the roads are; None without either.
    language
        In which the page opens until it knows its reader's; it holds all of them.
    """

    title: str
    track: Track
    flags: NDArray[np.uint16]
    stops: tuple[Stop, ...]
    trips: tuple[Trip, ...]
    gaps: tuple[Gap, ...]
    zone: ZoneInfo
    driven: DrivenWays | None = None
    driven_trips: Mapping[datetime, DrivenTrip] = field(default_factory=dict)
    background: str | None = None
    attribution: Message | None = None
    language: Language = DEFAULT_LANGUAGE
