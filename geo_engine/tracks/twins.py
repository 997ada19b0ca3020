"""How a record with slots is doubled: tens of times faster than `dataclasses.replace`, for what is doubled per fix."""


def twin[T](one: T) -> T:
    """Return another record with the same values; lists in it are shared.

    Parameters
    ----------
    one
        Of a dataclass with slots and no bases.
    """
    other: T = object.__new__(type(one))
    for name in type(one).__slots__:  # type: ignore[attr-defined]
        setattr(other, name, getattr(one, name))
    return other
