"""libvips, by pyvips."""

import numpy as np
import pyvips
from numpy.typing import NDArray


def read(location: str) -> list[NDArray[np.uint8]]:
    return [np.asarray(pyvips.Image.new_from_file(location).numpy())]
