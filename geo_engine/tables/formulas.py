"""Which texts a spreadsheet would run as a formula, and how they are kept from it."""

_BEGINNINGS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_MARK = "'"


def inert(text: str) -> str:
    """Return a text with an apostrophe before it when a spreadsheet would run it as a formula.

    Notes
    -----
    It begins with ``= + - @``, also full-width, a tab or a line's end (OWASP, CSV injection). What begins so after
    apostrophes gets one more, so that `without_mark` gives back what was written.

    Examples
    --------
    >>> inert("=1+1"), inert("'=1+1"), inert("O'Neill")
    ("'=1+1", "''=1+1", "O'Neill")
    """
    return _MARK + text if text.lstrip(_MARK).startswith(_BEGINNINGS) else text


def without_mark(text: str) -> str:
    """Return the text that `inert` was given.

    Examples
    --------
    >>> without_mark("''=1+1"), without_mark("'tis")
    ("'=1+1", "'tis")
    """
    return text[1:] if text.startswith(_MARK) and inert(text) != text else text
