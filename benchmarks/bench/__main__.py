"""`python -m benchmarks.bench` is `pathae bench`."""

import sys

from pathae_codec.cli import main

sys.exit(main(["bench", *sys.argv[1:]]))
