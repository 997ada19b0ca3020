"""Verdicts and their reasons in words: each kind has some, in both languages, with what was measured."""

import re

import pytest

from geo_engine.visits import Reason, ReasonKind, Verdict
from geo_engine.visits.verdict_words import VERDICT_NAMES, lasting_words, length_words, reason_words
from geo_engine.words import Language

FACTS = {"seconds": 1920, "distance_m": 2_914, "accuracy_m": 12, "way_m": 9_000, "count": 4, "photo": "0"}


def _said(kind: ReasonKind, weight: float = 4.0, **facts: float) -> str:
    return reason_words(Reason(kind=kind, weight=weight, facts=facts)).render(Language.EN)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", ReasonKind)
def test_every_kind_of_reason_has_words(kind: ReasonKind, language: Language) -> None:
    """A whole sentence, whatever facts there are, without a placeholder left."""
    for facts in (FACTS, {}, {"seconds": -90, "count": 1}):
        said = reason_words(Reason(kind=kind, weight=0.0, facts=facts)).render(language)

        assert said.endswith("." if language is Language.EN else "。")
        assert "{" not in said
        assert re.search(r"-\d", said) is None


@pytest.mark.parametrize("language", Language)
def test_every_verdict_has_a_name_of_its_own(language: Language) -> None:
    """No two are called the same."""
    assert len({VERDICT_NAMES[verdict].render(language) for verdict in Verdict}) == len(Verdict)


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (ReasonKind.STAYED, {"seconds": 1920}, "Stayed 32 min inside the fence, by the phone's own track."),
        (ReasonKind.STAYED, {"seconds": 1200, "is_unseen": 1}, ("Stayed 20 min inside the fence, by the phone's own "
         "track; neither the way there nor the way back was seen.")),
        (ReasonKind.FAR_FROM_TRACK, {"distance_m": 2914}, ("The check-in names a place 2.9 km from where the phone's "
         "track was at that moment.")),
        (ReasonKind.CLOCK, {"seconds": 1500}, "The phone's clock was 25 min ahead; moments were put right."),
        (ReasonKind.CLOCK, {"seconds": -1500}, "The phone's clock was 25 min behind; moments were put right."),
        (ReasonKind.CHECKED_IN_INSIDE, {"distance_m": 0, "accuracy_m": 12}, "Checked in inside the fence (± 12 m)."),
        (ReasonKind.CHECKED_IN_OUTSIDE, {"distance_m": 80, "accuracy_m": 12}, ("Checked in 80 m outside the fence "
         "(± 12 m).")),
        (ReasonKind.CHECKED_IN_BEFORE, {"seconds": 27_060}, ("The check-in's position is 7 h 31 min older than the "
         "check-in; it tells nothing.")),
        (ReasonKind.CHECKED_IN_NOWHERE, {"end": "in"}, "The check-in came without a position."),
        (ReasonKind.CHECKED_IN_NOWHERE, {"end": "out"}, "The check-out came without a position."),
        (ReasonKind.CHECKED_IN_INSIDE, {"accuracy_m": 12, "end": "out"}, "Checked out inside the fence (± 12 m)."),
        (ReasonKind.PASSED, {"seconds": 0}, "The phone's track was already far from the fence soon after."),
        (ReasonKind.MOCK, {"count": 3}, "The phone marked 3 positions as set by an app, not measured."),
        (ReasonKind.PHOTO_OTHER_TIME, {"seconds": 3 * 86_400}, ("By its own clock a photo was taken 3 days before or "
         "after the visit.")),
    ],
)  # fmt: skip
def test_what_was_measured_is_said(kind: ReasonKind, facts: dict[str, float], said: str) -> None:
    """With its figures, as exactly as people say them."""
    assert _said(kind, **facts) == said


@pytest.mark.parametrize(
    ("weight", "is_unseen", "said"), [(1.9, 0, True), (2.0, 0, False), (4.0, 0, False), (1.9, 1, False)]
)
def test_a_stay_that_weighs_little_says_why(weight: float, is_unseen: int, *, said: bool) -> None:
    """It was at the edge, or roughly located; where the ways there and back were not seen it says that."""
    words = _said(ReasonKind.STAYED, weight, seconds=1920, is_unseen=is_unseen)

    assert ("it was near the fence's edge or its positions were rough." in words) is said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(42, "42 s"), (59.6, "1 min"), (3_570, "1 h 00 min"), (5_400, "1 h 30 min"), (172_800, "2 days")],
)
def test_how_long_is_said_in_the_unit_that_fits(seconds: float, said: str) -> None:
    """Seconds, minutes, hours, days."""
    assert lasting_words(seconds).render(Language.EN) == said


def test_hours_are_no_clock_time() -> None:
    """In Chinese “1 时 01 分” is a minute past one: how long something took has another word for hours."""
    assert lasting_words(3_660).render(Language.ZH_CN) == "1 小时 01 分"


@pytest.mark.parametrize(("length_m", "said"), [(12.4, "12 m"), (999.9, "1.0 km"), (2_914, "2.9 km")])
def test_how_far_is_said_in_the_unit_that_fits(length_m: float, said: str) -> None:
    """Metres, kilometres."""
    assert length_words(length_m).render(Language.EN) == said
