"""The oracle beside which the detector of stops is measured knows each fix's label, and nothing else."""

import numpy as np
from support.stop_oracle import oracle_spans
from support.traces import DRIVE, Course, Phone, Rest, course, seen, silenced

WAIT = Rest(lasting_s=600)
SHORT = Rest(lasting_s=200)


def test_the_oracle_tells_each_long_stay_that_has_a_fix() -> None:
    """A stay is told to the sampling interval at either end; a shorter one, and one of which no fix tells, are not."""
    generator = np.random.default_rng(3)
    truth = course((*DRIVE, WAIT, *DRIVE, SHORT, *DRIVE, WAIT, *DRIVE), generator=generator)
    track = seen(truth, Phone(every_s=20), generator=generator)
    first, _, last = truth.stays

    found = oracle_spans(track, truth.stays, shortest_s=300)
    found_when_silent = oracle_spans(silenced(track, *last), truth.stays, shortest_s=300)

    assert len(found) == 2
    assert np.allclose(found, (first, last), atol=20)
    assert found_when_silent == found[:1]


def test_the_oracle_is_not_told_when_a_stay_ended() -> None:
    """Where the fixes of the last minutes are lost it places the end too early, however well it labels the others."""
    generator = np.random.default_rng(3)
    truth = course((*DRIVE, WAIT, *DRIVE), generator=generator)
    began_s, ended_s = truth.stays[0]
    track = silenced(seen(truth, Phone(every_s=20), generator=generator), ended_s - 300, ended_s + 100)

    (found,) = oracle_spans(track, truth.stays, shortest_s=300)

    assert abs(found[0] - began_s) < 20
    assert ended_s - 320 < found[1] < ended_s - 20


def test_the_oracle_labels_right_whatever_fixes_say() -> None:
    """Noise of 60 m that nobody could see through costs it nothing: it needs no place to know a stay."""
    generator = np.random.default_rng(3)
    truth: Course = course((*DRIVE, WAIT, *DRIVE), generator=generator)
    track = seen(truth, Phone(every_s=20, sigma_m=60.0), generator=generator)

    assert np.allclose(oracle_spans(track, truth.stays, shortest_s=300), truth.stays, atol=20)
