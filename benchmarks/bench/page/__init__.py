"""Cells -> the results page: tables, claims and plots, all computed from what was measured."""
