"""Tiles -> model artifact. Needs the torch extra."""
