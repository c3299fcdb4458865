"""The arrays that go from module to module, by name; shapes are stated where they are taken."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Samples of an image, 0 to 255: (height, width, channels), or many of them."""
Latents = NDArray[np.float32]
"""What an encoder gives and a decoder takes: (tiles, channels, height, width)."""
Symbols = NDArray[np.uint16]
"""Indices of codewords, as the entropy coder takes them."""
