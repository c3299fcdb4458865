"""The tags of a PathAE TIFF and its compression. Spec: v1, TIFF binding."""

from pathlib import Path

COMPRESSION = 44718
RECORD_TAG = 65501
PARAMETERS_TAG = 65502
NODATA_TAG = 42113
COMPRESSION_TAG = 259


def read_record_tag(path: Path) -> str:
    """Read the slide record of a TIFF as JSON text.

    Raises:
        KeyError: The TIFF has none.
        ValueError: It is no TIFF.
    """
    from tifffile import TiffFile

    with TiffFile(path) as tiff:
        return str(tiff.pages.first.tags[RECORD_TAG].value)
