"""`python -m pathae_codec`: the command line, where the script `pathae` is on no path."""

import sys

from pathae_codec.cli import main

if __name__ == "__main__":
    sys.exit(main())
