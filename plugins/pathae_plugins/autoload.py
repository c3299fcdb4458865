"""Teach tifffile PathAE when, and only if, it is imported. Standard library only, and little of it.

`import pathae_codec` calls `install`. So do, through `at_startup`, the files `pathae.pth` and
`pathae.start` (PEP 829) that the wheel lays into site-packages, with which
`import tifffile; tifffile.imread(path)` decodes with no import of ours. `PATHAE_NO_AUTOLOAD=1`
turns that off, and only that: who imports pathae_codec has asked for it.
"""

import os
import sys

# Every start of Python runs this file: importing typing or warnings would be most of its time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_NAME = "tifffile"


class _TifffileFinder:
    """Finds nothing itself: hands the others' spec of tifffile on, with one more thing to do.

    Not a subclass of `importlib.abc.MetaPathFinder`, whose import alone takes 20 ms.
    """

    def find_spec(
        self,
        name: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        """Return the spec of tifffile; nothing for any other name."""
        if name != _NAME:
            return None
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find else None
            if spec is not None:
                _register_after(spec.loader)
                return spec
        return None


_finder = _TifffileFinder()


def at_startup() -> None:
    """Install unless `PATHAE_NO_AUTOLOAD` is 1."""
    if os.environ.get("PATHAE_NO_AUTOLOAD") != "1":
        install()


def install() -> None:
    """Register with tifffile now if it is imported, else right after it will be."""
    if getattr(sys.modules.get(_NAME), "TiffFile", None) is not None:
        _register()
    elif _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def _register_after(loader: object) -> None:
    """Let this one loader register once it has executed its module."""
    execute = getattr(loader, "exec_module", None)
    if execute is None:
        return

    def exec_module(module: "ModuleType") -> None:
        execute(module)
        if _finder in sys.meta_path:
            sys.meta_path.remove(_finder)
        _register()

    try:
        loader.exec_module = exec_module  # type: ignore[attr-defined]
    except AttributeError as error:
        _warn(error)


def _register() -> None:
    try:
        from pathae_plugins.tifffile_codec import register

        register()
    except Exception as error:
        # `import tifffile` must work, whatever is wrong here.
        _warn(error)


def _warn(error: Exception) -> None:
    import warnings

    try:
        warnings.warn(f"pathae: tifffile will not decode PathAE: {error}", stacklevel=3)
    except Warning:
        # Warnings may be errors; this one must not be: it would break `import tifffile`.
        print(f"pathae: tifffile will not decode PathAE: {error}", file=sys.stderr)
