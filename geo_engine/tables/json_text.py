"""What a JSON text holds, and what is no JSON although Python reads it."""

import json
from typing import Any, NoReturn

from geo_engine.errors import InvalidInput
from geo_engine.words import Message


def read_json(file: str, text: str) -> Any:  # noqa: ANN401  # a document is whatever its writer made it
    """Return the document that `text` is.

    Raises
    ------
    InvalidInput
        When it is no JSON, is nested too deeply, or holds NaN or Infinity.

    Notes
    -----
    RFC 8259. A number beyond what a float holds, such as 1e400, reads as infinity.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(Message("{file} is not valid JSON.", {"file": file})) from error
    except InvalidInput as error:
        raise InvalidInput(Message("{file}: {reason}", {"file": file, "reason": error.message})) from error


def find_json(text: str | bytes) -> Any:  # noqa: ANN401  # as above
    """Return the document that `text` is; None when it is no JSON or is nested too deeply.

    Notes
    -----
    Lenient where `read_json` is not: NaN and Infinity are read, so that a caller can name what holds them.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidInput(Message("{name} is not a number in JSON.", {"name": name}))
