"""Bytes <-> integers: the tile bitstream. Needs numpy and the standard library only."""
