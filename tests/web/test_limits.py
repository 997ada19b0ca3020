"""How much may be sent where."""

import pytest
from support.pages import Pages

from web.limits import LARGEST_FORM_BYTES, limit_bytes


@pytest.mark.parametrize("path", ["/sign-in", "/dispatch/move"])
def test_a_form_is_small(pages: Pages, path: str) -> None:
    """Anybody may send a form, so a megabyte is refused, with the limit in the sentence."""
    answer = pages.nobody().client.post(path, data={"login": "x" * LARGEST_FORM_BYTES})

    assert answer.status_code == 413
    assert "1 MB" in answer.text
    assert limit_bytes(pages.app, "POST", path) == LARGEST_FORM_BYTES


def test_a_file_may_be_large_where_files_are_taken(pages: Pages) -> None:
    """The server reads 20 MB and the form around them there, and for sending alone."""
    assert limit_bytes(pages.app, "POST", "/imports") > 20_000_000
    assert limit_bytes(pages.app, "GET", "/imports") == LARGEST_FORM_BYTES
