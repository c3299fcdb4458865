"""The version and the address: their one place. The build reads them here, and files name them."""

__version__ = "0.1.0"
SOFTWARE = f"pathae {__version__}"
ADDRESS = ""
"""Where the project is found: a setting of the build, which files name; empty while it has none."""
