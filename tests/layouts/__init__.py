"""Slides laid out as other vendors and programs lay theirs out, built from tiles of tissue."""
