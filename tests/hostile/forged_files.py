"""What an attacker with our own tools does: tiles exchanged, then hashes and root made right."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from pathae_codec.container.root import container_root
from pathae_codec.model.artifact_file import stated_digest
from pathae_codec.record.tile_hash import tile_hash
from tests.hostile.changed_files import Files, change_record, tag_offset
from tests.memory_storage import load_files, open_files


def forge(path: Path) -> str:
    """Make ledger and root of a file right again, whatever its tiles are; return the root."""
    files = load_files(path)
    _forge_ledger(files)
    reader = open_files(files)
    root = container_root(reader, reader.ledger(), stated_digest(reader.parameters))
    change_record(files, lambda record: record.update(root=root))
    store(files, path)
    return root


def store(files: Files, path: Path) -> None:
    """Write the files of a container over those at a path."""
    for name, data in files.items():
        (path / name if name else path).write_bytes(data)


def _forge_ledger(files: Files) -> None:
    reader = open_files(files)
    ledger = reader.ledger()
    hashes = ledger.hashes.copy()
    for level in reader.levels:
        for tile in reader.stored_tiles(level.index):
            data = reader.storage.read(tile.place.name, tile.place.start, tile.place.stop)
            hashed = tile_hash(level.index, tile.index, data)
            hashes[ledger.layout.number(level.index, tile.index)] = np.frombuffer(hashed, "<u8")[0]
    packed = replace(ledger, hashes=hashes).pack()
    if "" in files:
        place = tag_offset(files[""], 65503)
        files[""] = files[""][:place] + packed + files[""][place + len(packed) :]
    else:
        files["ledger/c/0" if "zarr.json" in files else "ledger/0"] = packed
