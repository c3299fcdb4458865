"""Tiles as bytes: header, symbols, and the modes that need no network.

Needs numpy and the standard library only; `fallback` also imagecodecs, when it is used.
"""
