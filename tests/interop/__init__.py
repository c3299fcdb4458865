"""The tools that people have, on our files: `python -m tests.interop`."""
