"""Consolidated metadata: those of all nodes in the file of their group, as zarr-python reads it.

Who opens the group with zarr has the metadata of level 0 with it, and so the decoder that level 0
alone embeds. It says nothing that the nodes do not say. Spec: v1, OME-Zarr binding.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pathae_codec.errors import ContainerError
from pathae_codec.ome_zarr.group import Json, read_json
from pathae_codec.storage.location import Storage

FILE_V2 = ".zmetadata"


def consolidated_v3(files: Mapping[str, Json]) -> dict[str, Any]:
    """Return the member `consolidated_metadata` of a group.

    Args:
        files: `zarr.json` of the nodes below the group, by their names in it.
    """
    nodes = {name.removesuffix("/zarr.json"): value for name, value in files.items()}
    return {"kind": "inline", "must_understand": False, "metadata": nodes}


def consolidated_v2(files: Mapping[str, Json]) -> dict[str, Any]:
    """Return the content of `.zmetadata`, of all files of metadata by their names."""
    return {"zarr_consolidated_format": 1, "metadata": dict(files)}


def consolidated_problems(storage: Storage, version: int) -> Iterator[str]:
    """Return the nodes of which the consolidated metadata say something else than their own files.

    Raises:
        ContainerError: A file of metadata is too long or no JSON.
    """
    try:
        if version == 3:
            stated = read_json(storage, "zarr.json").get("consolidated_metadata")
        else:
            stated = read_json(storage, FILE_V2)
    except FileNotFoundError:
        return
    if stated is None:
        return
    nodes = stated.get("metadata") if isinstance(stated, dict) else None
    if not isinstance(nodes, dict):
        yield "consolidated metadata: expected an object of nodes"
        return
    for node, metadata in nodes.items():
        file = f"{node}/zarr.json" if version == 3 else node
        try:
            own = read_json(storage, file)
        except FileNotFoundError:
            yield f"consolidated metadata {node:.60}: there is no such node"
        except ContainerError as error:
            yield str(error)
        else:
            if own != metadata:
                yield f"consolidated metadata {node:.60}: expected what its own file says"
