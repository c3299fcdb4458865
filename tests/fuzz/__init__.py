"""Hostile bytes at each boundary: `python -m tests.fuzz --inputs 200000`."""

NAMES = ("header", "tile", "exact", "tiff", "zarr", "artifact", "record", "geojson", "answer")
