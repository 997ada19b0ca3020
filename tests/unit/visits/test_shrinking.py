"""Laws of learning a figure: from nothing the prior, from much what was seen, and no single figure leads astray."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.visits.shrinking import Sample, ShrinkParams, Spreads, shrunk, spreads_of

PARAMS = ShrinkParams()
SPREADS = Spreads(within=0.4, between=0.3)
seconds = st.floats(60.0, 30_000.0)
samples = st.lists(st.builds(Sample, value=seconds, prior=st.just(1_200.0)), max_size=12)


def _of(*values: float) -> list[Sample]:
    return [Sample(value=value, prior=1_200.0) for value in values]


@given(st.floats(0.01, 2.0), st.floats(0.01, 2.0))
def test_of_nothing_the_prior_is_learned(within: float, between: float) -> None:
    """Without a figure the factor is 1 exactly, however much others scatter."""
    assert shrunk([], Spreads(within=within, between=between), PARAMS) == 1.0


@given(st.dictionaries(st.text(max_size=3), samples, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_figures_and_of_groups_changes_nothing(
    groups: dict[str, list[Sample]], chance: random.Random
) -> None:
    """The same figures told in another order, and groups named in another, give the same to the last bit."""
    mixed = list(groups.items())
    chance.shuffle(mixed)
    shuffled = {key: chance.sample(of_key, len(of_key)) for key, of_key in mixed}

    spreads = spreads_of(shuffled, PARAMS)

    assert spreads == spreads_of(groups, PARAMS)
    assert {key: shrunk(one, spreads, PARAMS) for key, one in shuffled.items()} == {
        key: shrunk(one, spreads, PARAMS) for key, one in groups.items()
    }


@given(st.floats(300.0, 4_800.0), st.integers(1, 40), st.integers(1, 40))
def test_more_visits_lead_on_to_what_they_tell(value: float, fewer: int, more: int) -> None:
    """Of the same figure seen more often more is believed: it lies on between the prior and the figure."""
    few = shrunk(_of(value) * fewer, SPREADS, PARAMS)
    many = shrunk(_of(value) * (fewer + more), SPREADS, PARAMS)

    assert abs(math.log(many)) >= abs(math.log(few))
    assert min(1.0, value / 1_200.0) <= min(few, many) * 1.0000001
    assert max(few, many) <= max(1.0, value / 1_200.0) * 1.0000001


def test_a_thousand_visits_are_believed() -> None:
    """Who always takes 34 minutes has 34 minutes, within half a minute."""
    learned = shrunk(_of(2_040.0) * 1_000, SPREADS, PARAMS)

    assert 1_200.0 * learned == pytest.approx(2_040.0, abs=30.0)


@given(st.lists(seconds, min_size=2, max_size=12), st.floats(1.0, 1e9))
def test_an_outlier_leads_no_farther_than_the_others(others: list[float], outlier: float) -> None:
    """Whatever one visit of three or more says, what is learned stays between the prior and what the others span."""
    learned = 1_200.0 * shrunk([*_of(*others), Sample(value=outlier, prior=1_200.0)], SPREADS, PARAMS)

    assert min(1_200.0, *others) * 0.999999 <= learned <= max(1_200.0, *others) * 1.000001


@given(st.floats(1.0, 1e9))
def test_a_single_outlier_is_bounded(outlier: float) -> None:
    """One visit alone makes no site take more than four times what was given, nor less than a quarter."""
    assert 0.25 <= shrunk(_of(outlier), Spreads(within=0.05, between=2.0), PARAMS) <= 4.0


def test_sites_that_take_what_was_given_are_believed_less_than_sites_that_do_not() -> None:
    """Where sites are near their priors a deviation is chance; where they are far off it is the site."""
    near = spreads_of({number: _of(1_200.0, 1_000.0, 1_400.0, 1_150.0) for number in range(40)}, PARAMS)
    off_s = [600.0 * 1.05**number for number in range(40)]
    far = spreads_of({number: _of(one, one * 0.85, one * 1.15) for number, one in enumerate(off_s)}, PARAMS)

    assert far.between > 2.0 * near.between
    assert far.share(3) > near.share(3)


def test_spreads_are_found_again() -> None:
    """Of figures drawn with known spreads, within 15 %: 0.5 of visits at a site, 0.25 of sites from what is given."""
    chance = random.Random(7)
    groups = {
        site: [
            Sample(value=1_200.0 * math.exp(off + chance.gauss(0.0, 0.5)), prior=1_200.0)
            for _ in range(chance.randint(1, 12))
        ]
        for site in range(400)
        for off in [chance.gauss(0.0, 0.25)]
    }

    found = spreads_of(groups, PARAMS)

    assert found.within == pytest.approx(0.5, rel=0.15)
    assert found.between == pytest.approx(0.25, rel=0.15)


def test_another_quantile_is_longer() -> None:
    """Who plans with the 80 % quantile has more time than with the median."""
    seen = _of(*range(900, 2_100, 60))

    assert shrunk(seen, SPREADS, ShrinkParams(quantile=0.8)) > shrunk(seen, SPREADS, PARAMS)
