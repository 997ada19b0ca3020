"""Arrays as the server has them in binary form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_engine.db.packed import DOUBLES, INTEGERS, MOMENTS, UUIDS, Kind, bytes_of, pack, unpack

LONG = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(LONG))
def test_what_is_packed_is_unpacked_to_the_last_bit(numbers: list[int]) -> None:
    """Whatever the numbers, and however many, none among them."""
    assert unpack(MOMENTS, pack(MOMENTS, np.array(numbers, dtype=np.int64))).tolist() == numbers


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (INTEGERS, [1, -2], "00000001 00000000 00000017 00000002 00000001 00000004 00000001 00000004 fffffffe"),
        (DOUBLES, [1.5], "00000001 00000000 000002bd 00000001 00000001 00000008 3ff80000 00000000"),
        (bytes_of(4), np.array([b"abcd"]).view("V4"), "00000001 00000000 00000011 00000001 00000001 00000004 61626364"),
    ],
)
def test_an_array_is_laid_out_as_the_server_does(kind: Kind, values: object, expected: str) -> None:
    """Dimensions, nulls, type and bounds; then each element behind its length (array_send of PostgreSQL)."""
    assert pack(kind, values).hex(" ", 4) == expected  # type: ignore[arg-type]


def test_no_array_is_one_of_nothing() -> None:
    """An aggregate over no row is null."""
    assert unpack(UUIDS, None).tolist() == []
