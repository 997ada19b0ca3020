"""Fences survive every file."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.fences import fence_lists

from geo_engine.geofences import Geofence
from geo_engine.geofences.files import FenceFormat, read_fences, render_fences
from geo_engine.tables import TableFile


@settings(max_examples=60)
@given(fences=fence_lists(), form=st.sampled_from(FenceFormat))
def test_what_is_written_reads_back_the_same(fences: list[Geofence], form: FenceFormat) -> None:
    """Every fence a format can hold is read as it was, to the last bit of its positions, and none is a problem."""
    text, left_out = render_fences(fences, form)
    kept = [fence for fence in fences if fence not in left_out]

    if kept:
        read = read_fences(TableFile(name="fences.csv", content=text.encode()))

        assert read.problems == ()
        assert list(read.fences) == kept
    assert form is FenceFormat.TRACCAR or not left_out
