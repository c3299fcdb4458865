"""A file a tool: `read(location)` gives the levels, finest first, uint8 (height, width, 3).

These run in environments that have the tool, our wheel and nothing else of this repository.
"""
