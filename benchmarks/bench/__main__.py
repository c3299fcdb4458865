"""`python -m benchmarks.bench run | page`."""

import sys

from benchmarks.bench.command_line import main

if __name__ == "__main__":  # Workers that are spawned import this file again.
    sys.exit(main())
