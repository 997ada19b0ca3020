"""Arrays between numpy and PostgreSQL in the server's own binary form: on neither side is an object made an element."""

import struct
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from psycopg import adapters
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD = struct.Struct(
    ">5i"
)  # dimensions, whether there are nulls, the type of an element, how many, the first's number


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What an array is of.

    Parameters
    ----------
    oid
        The server's number of the type.
    layout
        An element as numpy has it, in the byte order of the wire.
    """

    oid: int
    layout: str


def bytes_of(size: int) -> Kind:
    """Return the kind of so many bytes each."""
    return Kind(oid=17, layout=f"V{size}")


LARGE_INTEGERS = Kind(oid=20, layout=">i8")
SMALL_INTEGERS = Kind(oid=21, layout=">i2")
INTEGERS = Kind(oid=23, layout=">i4")
REALS = Kind(oid=700, layout=">f4")
DOUBLES = Kind(oid=701, layout=">f8")
MOMENTS = Kind(oid=1184, layout=">i8")
"""Microseconds since 2000-01-01 (UTC); the least and the largest number are the infinities."""
UUIDS = Kind(oid=2950, layout="V16")


class Packed(bytes):
    """An array to be sent; the statement casts it to its type."""

    __slots__ = ()


def pack(kind: Kind, values: ArrayLike) -> Packed:
    """Return values as an array to be sent; none of them is null.

    Examples
    --------
    >>> unpack(INTEGERS, pack(INTEGERS, [3, 1])).tolist()
    [3, 1]
    """
    column = np.asarray(values, dtype=kind.layout)
    items = np.empty(len(column), dtype=_items(kind))
    items["bytes"], items["value"] = column.dtype.itemsize, column
    return Packed(_HEAD.pack(1, 0, kind.oid, len(column), 1) + items.tobytes())


def unpack(kind: Kind, content: bytes | None) -> NDArray[np.generic]:
    """Return an array without nulls as it was received in binary form; null is one of nothing."""
    if content is None or len(content) < _HEAD.size:
        return np.zeros(0, dtype=kind.layout)
    values: NDArray[np.generic] = np.frombuffer(content, dtype=_items(kind), offset=_HEAD.size)["value"]
    return values


@cache
def _items(kind: Kind) -> np.dtype[np.void]:
    """Return the layout of an element behind its length."""
    return np.dtype([("bytes", ">i4"), ("value", kind.layout)])


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Packed) -> Buffer:
        return obj


adapters.register_dumper(Packed, _PackedDumper)
