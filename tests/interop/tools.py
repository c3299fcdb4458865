"""Which tools are run, in which environments, on which containers, and what is expected."""

from dataclasses import dataclass

TIFF, ZARR3, ZARR2 = "TIFF", "OME-Zarr 0.5", "OME-Zarr 0.4"
CONTAINERS = {ZARR3: "slide.ome.zarr", ZARR2: "slide-0.4.ome.zarr", TIFF: "slide.tif"}
ZARRS, ALL = (ZARR3, ZARR2), (ZARR3, ZARR2, TIFF)


@dataclass(frozen=True)
class Tool:
    """A tool and its reader.

    Attributes:
        name: As the table has it.
        reader: A module of `readers`.
        packages: Whose versions are told; the first is the tool.
        containers: That it is given.
        refuses: None of them opens, and this text is in what the user is told; empty where all
            give the same pixels as our own reader.
        over_http: It is given a URL.
    """

    name: str
    reader: str
    packages: tuple[str, ...]
    containers: tuple[str, ...]
    refuses: str = ""
    over_http: bool = False


@dataclass(frozen=True)
class Group:
    """Tools that one environment can hold.

    Attributes:
        name: Of the environment.
        requires: For pip, beside our wheel.
        tools: That are run in it.
    """

    name: str
    requires: tuple[str, ...]
    tools: tuple[Tool, ...]


_ARRAYS = (
    Tool("zarr", "read_zarr", ("zarr",), ZARRS),
    Tool("zarr.storage.ZipStore", "read_zip_store", ("zarr",), ZARRS),
    Tool("numcodecs", "read_numcodecs", ("numcodecs",), (ZARR2,)),
    Tool("tifffile", "read_tifffile", ("tifffile",), (TIFF,)),
    Tool("tifffile, aszarr", "read_tifffile_zarr", ("tifffile",), (TIFF,)),
    Tool("tiffslide", "read_tiffslide", ("tiffslide",), (TIFF,)),
    Tool("dask, threads", "read_dask_threads", ("dask",), ZARRS),
    Tool("dask, processes", "read_dask_processes", ("dask",), ZARRS),
)
_PATCHED = Tool(
    "openslide-python, patch_openslide()", "read_openslide_patched", ("openslide-python",), ALL
)
_HTTP = (
    Tool("pathae_codec.open, HTTP", "read_pathae", ("fsspec",), ALL, over_http=True),
    Tool("zarr on fsspec, HTTP", "read_zarr", ("fsspec", "zarr"), ZARRS, over_http=True),
    Tool("zarr on obstore, HTTP", "read_obstore", ("obstore", "zarr"), ZARRS, over_http=True),
    Tool(
        "tifffile on fsspec, HTTP",
        "read_fsspec_tifffile",
        ("fsspec", "tifffile"),
        (TIFF,),
        over_http=True,
    ),
)
_NEWEST = (
    *_ARRAYS,
    _PATCHED,
    *_HTTP,
    Tool("xarray, mask_and_scale=False", "read_xarray", ("xarray",), ZARRS),
    Tool(
        "OpenSlide",
        "read_openslide",
        ("openslide-python",),
        (TIFF,),
        "Unsupported TIFF comp",
    ),
    Tool(
        "OpenSlide", "read_openslide", ("openslide-python",), ZARRS, "Unsupported or missing image"
    ),
    Tool("libvips", "read_libvips", ("pyvips-binary",), (TIFF,), "black"),
    Tool("libvips", "read_libvips", ("pyvips-binary",), ZARRS, "is a directory"),
)
_PYRAMIDS = (
    Tool("ome-zarr-py", "read_ome_zarr", ("ome-zarr",), ZARRS),
    Tool("ome-zarr-models", "read_ome_zarr_models", ("ome-zarr-models",), ZARRS),
    Tool("napari-ome-zarr", "read_napari_ome_zarr", ("napari-ome-zarr",), ZARRS),
)
# torch comes along with these: the version that the Makefile has.
_WSI = (
    Tool("wsidata", "read_wsidata", ("wsidata",), ALL),
    Tool("lazyslide", "read_lazyslide", ("lazyslide",), ALL),
    Tool("spatialdata", "read_spatialdata", ("spatialdata",), ZARRS),
)
GROUPS = (
    Group(
        "oldest",
        (
            "zarr==3.1.0",
            "numcodecs==0.16.1",
            "tifffile==2025.5.21",
            "tiffslide==3.0.0",
            "dask[array]==2025.1.0",
        ),
        _ARRAYS,
    ),
    Group(
        "newest",
        (
            "zarr",
            "numcodecs",
            "tifffile",
            "tiffslide",
            "dask[array]",
            "xarray",
            "fsspec[http]",
            "obstore",
            "pyvips",
            "pyvips-binary",
        ),
        _NEWEST,
    ),
    Group("ngff", ("ome-zarr", "ome-zarr-models", "napari-ome-zarr"), _PYRAMIDS),
    Group(
        "ngffzarr",
        ("ngff-zarr",),
        (
            Tool(
                "ngff-zarr",
                "read_ngff_zarr",
                ("ngff-zarr",),
                ZARRS,
                "pathae is not supported",
            ),
        ),
    ),
    Group(
        "bioio",
        ("bioio", "bioio-ome-zarr"),
        (Tool("bioio-ome-zarr", "read_bioio", ("bioio-ome-zarr", "bioio"), ZARRS),),
    ),
    Group("spatial", ("torch==2.13.0", "spatialdata", "wsidata", "lazyslide"), _WSI),
)
