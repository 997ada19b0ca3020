"""What crosses to a process of our own arrives whole, however large."""

from pathlib import Path

import numpy as np
import pytest

from geo_engine.children import Child

SUPPORT = Path(__file__).parents[1]


@pytest.mark.parametrize("side", [10, 3_000], ids=["small", "large"])
def test_arrays_cross_to_a_child(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large ones lie in memory that both see: the child cannot write to it, and it is gone when the child is closed."""
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT))
    array = np.arange(side * side, dtype=np.int32).reshape(side, side)
    before = set(Path("/proc/self/fd").iterdir())
    child = Child("support.echo_process")
    try:
        child.send({"array": array, "word": "and what is beside them"})
        total, is_writeable, word = child.receive()  # type: ignore[misc]
    finally:
        child.close()

    assert total == array.sum()
    assert word == "and what is beside them"
    assert is_writeable == (side == 10)
    assert set(Path("/proc/self/fd").iterdir()) <= before
