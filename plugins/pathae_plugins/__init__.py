"""Adapters that let zarr, numcodecs and tifffile decode PathAE tiles; each imported by need."""
