"""PathAE in a pyramidal TIFF. Spec: v1, TIFF binding."""
