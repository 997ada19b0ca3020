"""Which known column a misspelt one was meant to be, and which words are a company's own."""

import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

_NO_WORD = re.compile(r"[\W_]+")
_ALIKE = 75.0  # of 100: "service" for "service_min" has 82, "时间窗口" for "时间窗" 86, "region" for "priority" 43
# A column ending so is one of its own, however much of a known name stands before: end_date is no end_lat.
_OWN_ENDINGS = (
    "date",
    "name",
    "note",
    "phone",
    "plate",
    "type",
    "日期",
    "姓名",
    "备注",
    "电话",
    "手机",
    "类型",
    "等级",
)


def meant_column(column: str, known: Iterable[str]) -> str | None:
    """Return the name in `known` that `column` closely resembles; None when it resembles none.

    Parameters
    ----------
    column, known
        In the form of `column_name`; of equally close names the first is returned.

    Notes
    -----
    Separators and an ``s`` at the end do not count; the rest by rapidfuzz's ratio (the share of letters
    in common, in their order), at least 75 of 100.

    Examples
    --------
    >>> meant_column("window_s", ["name", "windows"])
    'windows'
    >>> meant_column("region", ["name", "windows"])
    """
    ending = next((word for word in _OWN_ENDINGS if _letters(column).endswith(word)), None)
    candidates = {name: _letters(name) for name in known if ending is None or name.endswith(ending)}
    best = process.extractOne(_letters(column), candidates, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if best is None else best[2]


def _letters(column: str) -> str:
    return _NO_WORD.sub("", column).removesuffix("s")
