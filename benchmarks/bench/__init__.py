"""The matrix of codecs times tasks: what is left of a tile for those who look at it.

config -> cells (`matrix`) -> measured cells (`tasks`) -> a results page (`page`):
`python -m benchmarks.bench run | page`.
"""
