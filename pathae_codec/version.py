"""The version: its one place. The build reads it from here, and files name it."""

__version__ = "0.1.0"
SOFTWARE = f"pathae {__version__}"
