"""What OsmAnd's online tracking asks for, as fixes."""

import pytest
from support.posts import decoded, fix

from geo_engine.tracks import Fix
from geo_engine.tracks.protocols import Decoded, Protocol, answer

GOLDEN = {
    "the address of OsmAnd's manual": (
        "lat=41.157925&lon=-8.629108&timestamp=1764158400123&hdop=5.5&altitude=104.2&speed=3.25&id=van7",
        fix(
            "van7",
            "2025-11-26T12:00:00.123",
            -8.629108,
            41.157925,
            accuracy_m=5.5,
            altitude_m=104.2,
            speed_mps=3.25,
        ),
    ),
    "the address of PhoneTrack": (
        "lat=41.157925&lon=-8.629108&alt=104.2&acc=5.5&timestamp=1764158400123&speed=3.25&bearing=271.5",
        fix(
            None,
            "2025-11-26T12:00:00.123",
            -8.629108,
            41.157925,
            accuracy_m=5.5,
            altitude_m=104.2,
            speed_mps=3.25,
            heading_deg=271.5,
        ),
    ),
    "long names, nothing known beside the place": (
        "latitude=55.777084&longitude=37.583107&timestamp=1505643877787&hdop=0.0&altitude=0.0&speed=0.0&bearing=0.0",
        fix(
            None,
            "2017-09-17T10:24:37.787",
            37.583107,
            55.777084,
            altitude_m=0.0,
            speed_mps=0.0,
            heading_deg=0.0,
        ),
    ),
}


@pytest.mark.parametrize(("query", "expected"), GOLDEN.values(), ids=GOLDEN)
def test_a_query_becomes_a_fix(query: str, expected: Fix) -> None:
    """Its speed is in m/s, where Traccar would read knots, and its “hdop” is an accuracy in metres."""
    assert decoded(Protocol.OSMAND, query=query) == Decoded(fixes=(expected,))


def test_the_answer_is_a_plain_ok() -> None:
    """The app looks at the status alone."""
    assert answer(Protocol.OSMAND, Decoded()).status == 200
