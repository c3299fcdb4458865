"""The limits of the format, checked before anything is allocated. Spec: v1, section 8."""

MAX_TILE_SIDE = 4096
MAX_PIXEL_CHANNELS = 4
MAX_LANES_LOG2 = 8
MAX_LANE_STEPS = 4096
"""Most symbols of one channel that one lane holds: bounds the time that a short tile can take."""
MAX_SYMBOLS_PER_BYTE = 4096
"""Most symbols of a latent tile for each byte of its payload: a short tile cannot take long."""
MAX_LATENT_CHANNELS = 1024
MAX_NOISE_CHANNELS = 256
MAX_ALPHABET = 4096
MAX_QUALITY = 100
MAX_TABLE_SETS = 256
MAX_TABLES = 32768
"""Most frequency tables in an artifact, of all channels, sets and qualities: their slots as uint16
take 1 GiB."""
MAX_DECODER_WORK = 2**21
"""Most multiply-accumulates a pixel of an embedded decoder: 137 billion for a tile of 256 x 256."""
MAX_ACTIVATION_BYTES = 2**29
"""Most bytes between layers of an embedded decoder, for a tile: 512 MiB."""
MAX_PARAMETERS_BYTES = 64 * 2**20
"""Largest set of codec parameters in a container that a reader takes: 64 MiB."""
MAX_MODEL_BYTES = 2**32
"""Largest file of a model that a reader takes: 4 GiB. A user put it there, no container did."""
MAX_LEVELS = 64
MAX_LEVEL_SIDE = 2**24
"""Largest side of a level in pixels: 1.6 m of glass at 0.1 microns per pixel."""
MAX_LEVEL_TILES = 2**24
"""Most tiles of a level: their places take 256 MiB."""
MAX_LEDGER_BYTES = 256 * 2**20
"""Largest ledger that a container has: 29 million tiles, a level of 16 million with its pyramid."""
MAX_RECORD_BYTES = 64 * 2**20
"""Longest slide record, and longest JSON file of an OME-Zarr, that a reader takes: 64 MiB."""
MAX_RECORD_VALUES = 2**19
"""Most commas and opening brackets in either, outside of texts: reading a value takes a few
microseconds, so that 64 MiB of them would take minutes."""
MAX_TILE_BYTES = 128 * 2**20
"""Longest tile bitstream that is read from a container: the samples of the largest have 64 MiB."""
MAX_ASSOCIATED_PIXELS = 2**26
"""Largest label, macro or thumbnail that a reader takes: 192 MiB as RGB."""
MAX_STREAMS_SIDE = 16
"""Most streams of a source in a row or a column of an exact tile."""
MAX_JPEG_SETS = 256
MAX_JPEG_SET_BYTES = 2**16
"""Most bytes of the tables, and of the reconstruction data, that streams share."""
MAX_JPEG_MARKERS = 256
"""Most markers of a JPEG outside of its scans: bounds what its reconstruction data can ask for."""
