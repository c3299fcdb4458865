"""Pixels <-> coded tiles: decoded together, held to a floor, kept until all are there."""
