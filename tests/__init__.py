"""Tests of PathAE; a package, so that they can share `tests.tiny_model`."""
