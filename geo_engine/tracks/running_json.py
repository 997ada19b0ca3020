"""The state of the running derivation as lists and numbers that JSON can hold, and back."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from geo_engine.tracks.params import DeriveParams, FlagParams, StopParams
from geo_engine.tracks.running import RunningState
from geo_engine.tracks.running_epochs import Epoch, Sight, sight_of

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
type _Reader = Callable[[Any, DeriveParams], Any]

_VERSION = 5
_PARAMS = (DeriveParams, FlagParams, StopParams)


def pack(state: RunningState) -> dict[str, Json]:
    """Return a state as JSON has it: numbers, booleans, nulls, lists.

    Notes
    -----
    Under `restart_us` and `final_until_us` stands, in every version, from where to derive when the state cannot be
    read. About 15 kB and a millisecond; however long the track.
    """
    return {
        "version": _VERSION,
        "params": repr(state.params),
        "restart_us": state.restart_us,
        "final_until_us": state.final_until_us,
        "newest_us": state.newest_us,
        "state": _packed(state),
    }


def unpack(packed: Mapping[str, Json], params: DeriveParams) -> RunningState | None:
    """Return a packed state; None when other parameters or another version made it: then one begins anew."""
    if packed.get("version") != _VERSION or packed.get("params") != repr(params):
        return None
    state: RunningState = _reader(RunningState)(packed["state"], params)
    return state


def _packed(value: Any) -> Any:  # noqa: ANN401 - any part of a state
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, Sight):
        return _packed(value.epoch)
    if isinstance(value, list | tuple):
        return [_packed(one) for one in value]
    return [_packed(getattr(value, name)) for name in _kept(value.__class__)]


@cache
def _kept(kind: type) -> tuple[str, ...]:
    hints = get_type_hints(kind)
    return tuple(name for name in kind.__slots__ if hints[name] not in _PARAMS)  # type: ignore[attr-defined]


@cache
def _reader(kind: Any) -> _Reader:  # noqa: ANN401 - any annotation in a state
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        reader = _reader(next(argument for argument in arguments if argument is not type(None)))
        return lambda value, params: None if value is None else reader(value, params)
    if origin in (list, tuple):
        return _sequence_reader(origin, arguments)
    if kind is Sight:
        epoch = _reader(Epoch)
        return lambda value, params: sight_of(epoch(value, params), params.stops)
    if hasattr(kind, "_fields"):
        readers = [_reader(get_type_hints(kind)[name]) for name in kind._fields]
        return lambda value, params: kind(*(read(one, params) for read, one in zip(readers, value, strict=True)))
    return _record_reader(kind) if is_dataclass(kind) else lambda value, _: value


def _sequence_reader(origin: Any, arguments: tuple[Any, ...]) -> _Reader:  # noqa: ANN401
    if origin is tuple and arguments[-1] is not Ellipsis:
        readers = [_reader(argument) for argument in arguments]
        return lambda value, params: tuple(read(one, params) for read, one in zip(readers, value, strict=True))
    reader = _reader(arguments[0])
    return lambda value, params: origin(reader(one, params) for one in value)


def _record_reader(kind: Any) -> _Reader:  # noqa: ANN401
    hints = get_type_hints(kind)
    readers = [(name, _reader(hints[name])) for name in _kept(kind)]
    given = {name: _PARAMS.index(hints[name]) for name in kind.__slots__ if hints[name] in _PARAMS}

    def read(value: Any, params: DeriveParams) -> Any:  # noqa: ANN401
        parts = params, params.flags, params.stops
        known = {name: parts[index] for name, index in given.items()}
        return kind(**known, **{name: reader(one, params) for (name, reader), one in zip(readers, value, strict=True)})

    return read
