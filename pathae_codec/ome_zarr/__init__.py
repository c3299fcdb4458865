"""PathAE in an OME-Zarr, 0.5 and 0.4. Spec: v1, OME-Zarr binding."""
