"""How what a track knows is written: numbers and moments exactly, names so that they do no harm."""

import html
import math
import re

import numpy as np
from numpy.typing import NDArray

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def moment_texts(times_us: NDArray[np.int64]) -> list[str]:
    """Return moments in ISO 8601, UTC, with as many digits of a second as they need: none, three or six.

    Examples
    --------
    >>> moment_texts(np.array([0, 1_500_000, 1]))
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:01.500Z', '1970-01-01T00:00:00.000001Z']
    """
    texts: list[str] = np.datetime_as_string(times_us.astype("datetime64[us]"), unit="us").tolist()
    return [text.removesuffix("000").removesuffix(".000") + "Z" for text in texts]


def number_text(number: float) -> str:
    """Return a number so that it reads back as the same, without an exponent; empty for NaN.

    Examples
    --------
    >>> number_text(3.0), number_text(0.1), number_text(1e-7), number_text(math.nan)
    ('3', '0.1', '0.0000001', '')
    """
    if math.isnan(number):
        return ""
    text = repr(number)
    return np.format_float_positional(number, trim="-") if "e" in text else text.removesuffix(".0")


def number_texts(numbers: NDArray[np.float64]) -> list[str]:
    """Return numbers as `number_text` does."""
    return list(map(number_text, numbers.tolist()))


def json_numbers(numbers: NDArray[np.float64]) -> list[float | None]:
    """Return numbers as JSON has them, None for NaN."""
    return [None if math.isnan(number) else number for number in numbers.tolist()]


def xml_text(text: str) -> str:
    """Return a text as it stands in an XML element, without the characters that XML cannot hold.

    Examples
    --------
    >>> xml_text("a < b & c" + chr(0))
    'a &lt; b &amp; c'
    """
    return html.escape(_NOT_IN_XML.sub("", text), quote=False).replace("\r", "&#13;")


def is_known(numbers: NDArray[np.float64]) -> bool:
    """Whether any of the numbers is known."""
    return not bool(np.isnan(numbers).all())
