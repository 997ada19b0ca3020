"""The JPEG that we have made ourselves, read back."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def read_shades(content: bytes) -> NDArray[np.uint8]:
    """Return the shades of grey of one of our own thumbnails, of shape (rows, columns)."""
    return np.asarray(Image.open(io.BytesIO(content), formats=["JPEG"]).convert("L"), dtype=np.uint8)
