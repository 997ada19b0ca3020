"""How much may be sent where."""

import json
import math
import re
import uuid
from io import BytesIO

import numpy as np
import pytest
from support.companies import NOW
from support.pages import Pages
from support.photographed import as_jpeg, scene
from support.tracked import give_device

from geo_engine.geofences.model import MOST_VERTICES
from geo_engine.photos.picture_params import DevelopParams
from web.limits import LARGEST_FORM_BYTES, limit_bytes


@pytest.mark.parametrize("path", ["/sign-in", "/dispatch/move"])
def test_a_form_is_small(pages: Pages, path: str) -> None:
    """Anybody may send a form, so a megabyte is refused, with the limit in the sentence."""
    answer = pages.nobody().client.post(path, data={"login": "x" * LARGEST_FORM_BYTES})

    assert answer.status_code == 413
    assert "1 MB" in answer.text
    assert limit_bytes(pages.app, "POST", path) == LARGEST_FORM_BYTES


def test_the_largest_fence_there_may_be_is_a_form(own_pages: Pages) -> None:
    """Every corner with all the digits that browsers write: nothing but the corners' own limit refuses an outline."""
    angles = np.linspace(0.0, 6.28, MOST_VERTICES - 1)
    corners = [[116.4 + 0.05 * math.cos(angle), 39.9 + 0.05 * math.sin(angle)] for angle in angles]
    outline = json.dumps({"type": "Polygon", "coordinates": [[*corners, corners[0]]]}, separators=(",", ":"))
    form = {"name": "Lake", "weekday": "1", "geometry": outline, "as_browsers_send": (BytesIO(), "")}

    answer = own_pages.person("administrator").post("/fences/save", accept="application/json", **form)

    assert len(outline) > 0.7 * LARGEST_FORM_BYTES
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("path", "fields"), [("/imports", {"kind": "sites", "crs": "wgs84"}), ("/fences/import", {"crs": "wgs84"})]
)
def test_a_file_may_be_as_large_as_the_page_says(own_pages: Pages, path: str, fields: dict[str, str]) -> None:
    """20 MB and the form around them, for sending alone; the page asks no browser to hold back less, nor more."""
    person = own_pages.person("administrator")
    page = person.get(path.removesuffix("/import")).text
    said = re.search(r'data-limit="(\d+)"', page)
    assert said is not None
    content = b'{"type": "FeatureCollection", "features": []}'.ljust(int(said[1]) - 1)

    taken = person.post(path, accept="application/json", file=(BytesIO(content), "f.geojson"), **fields)
    refused = person.post(path, accept="application/json", file=(BytesIO(content + b"  "), "f.geojson"), **fields)

    assert "too large" not in taken.text
    assert taken.status_code != 413
    assert "at most 20 MB" in json.loads(refused.text)["title"]
    assert limit_bytes(own_pages.app, "POST", path) > int(said[1])
    assert limit_bytes(own_pages.app, "GET", path) == LARGEST_FORM_BYTES


def test_a_photo_may_be_as_large_as_phones_take_them(own_pages: Pages) -> None:
    """Whatever is developed gets through; a byte more is refused with the limit in the sentence."""
    database, tenant_id = own_pages.mine.database, own_pages.mine.tenant_id
    key = give_device(database, tenant_id, worn_from=NOW, name="second").key
    picture = as_jpeg(scene(3)).ljust(DevelopParams().most_bytes, b"\0")
    client, headers = own_pages.nobody().client, {"Authorization": f"Bearer {key}"}

    taken, refused = (
        client.put(f"/api/v1/photos/{uuid.uuid4()}", data=one, headers=headers) for one in (picture, picture + b"\0")
    )

    assert (taken.status_code, refused.status_code) == (200, 413)
    assert "30 MB" in refused.get_json()["title"]
