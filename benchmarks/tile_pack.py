"""Pack training tiles into one file, to be taken to a machine that has a GPU and nothing else.

    python -m benchmarks.tile_pack CONFIG TILES PACK.zip [--megabytes 38]

CONFIG is a recipe of `pathae models train`, TILES holds the folders that it names. The images stay
as they are, byte for byte; `training/tile_pack.py` says which are taken. The file is data of other
people and no part of the repository.
"""

import argparse
from pathlib import Path

from pathae_codec.training.config import load_config
from pathae_codec.training.tile_pack import write_pack


def main() -> None:
    """Write the pack and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", type=Path)
    parser.add_argument("tiles", type=Path)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--megabytes", type=float, default=38)
    options = parser.parse_args()
    most = int(1e6 * options.megabytes)
    count = write_pack(options.pack, load_config(options.config), options.tiles, most)
    print(f"{options.pack}: {count} images, {options.pack.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
