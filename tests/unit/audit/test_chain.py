"""What a link commits to, byte for byte: chains that were made must be verified for as long as they are kept."""

from dataclasses import replace
from uuid import UUID

import pytest
from support.chains import KEY, TENANT, a_chain, an_event

from geo_engine.audit.chain import Clear, Erased, commit, fingerprint
from geo_engine.ids import TenantId


def test_the_form_of_links_is_as_it_always_was() -> None:
    """The first form, written down: whoever changes it makes another and keeps this one."""
    (link,) = a_chain([[3]]).links

    assert link.form == 1
    assert link.commitment.hex() == "dc02bbf2b8bedf3465104c7a0428d8585cecee78eb0a59fd4c3d37d2d86a1bd6"
    assert link.digest.hex() == "817de3108baab1fc7ecb169ddb6945cc23387a88b07d37c0d0e6841dae4c47d1"


def test_an_erased_matter_keeps_its_commitment() -> None:
    """The event without it is still the one that was linked, and the salt is needed to try out what it was."""
    event = an_event(3)
    erased = replace(event, matter=Erased(commitment=event.matter.commitment))
    salted = replace(event, matter=replace(event.matter, salt=bytes(16)))

    assert commit(erased, TENANT) == commit(event, TENANT)
    assert commit(salted, TENANT) != commit(event, TENANT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", 4),
        ("act", "look"),
        ("subject_kind", "site"),
        ("written_at", an_event(4).written_at),
        ("happened_at", an_event(4).written_at),
        ("who", Clear(salt=b"\x03" * 16, value=(None,))),
        ("matter", Clear(salt=b"\x03" * 16, value=("W3", "{}"))),
    ],
)
def test_all_that_an_event_says_is_committed_to(name: str, value: object) -> None:
    """Another value of any part is another commitment."""
    event = an_event(3)

    assert commit(replace(event, **{name: value}), TENANT) != commit(event, TENANT)


def test_a_link_is_of_one_company_and_one_key() -> None:
    """The same rows under another company's id, or with another key, are no links of ours."""
    (link,) = a_chain([[3]]).links

    assert link.is_authentic(TENANT, KEY)
    assert not link.is_authentic(TenantId(UUID(int=8)), KEY)
    assert not link.is_authentic(TENANT, b"another")
    assert fingerprint(KEY) != fingerprint(b"another")
