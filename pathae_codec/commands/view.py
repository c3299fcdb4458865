"""`pathae view`."""

import argparse
from typing import TYPE_CHECKING

from pathae_codec.commands.local_path import local_path
from pathae_codec.commands.wording import count, megabytes, say, say_error

if TYPE_CHECKING:
    from pathae_codec.viewing.shown import Shown
    from pathae_codec.viewing.site import Site

_DESCRIPTION = """\
Look at slides in a browser. The page decodes PathAE files by itself; this machine serves their
bytes, to this machine alone, at an address that nobody can guess. With --export it writes a site of
plain files that does the same on any static host.
"""
_EXAMPLES = """\
examples:
  pathae view slide.tif
  pathae view slide.tif --against slide.svs      # side by side, and a swipe line
  pathae view folder/ --decode server
  pathae view slide.ome.zarr --export site       # then: python3 -m http.server --directory site
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "view",
        help="look at slides in a browser, or write a site that shows them",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "files",
        nargs="+",
        type=local_path,
        metavar="FILE_OR_FOLDER",
        help="PathAE files, or slides",
    )
    add(
        "--against", type=local_path, metavar="SRC", help="a slide or a PathAE file to compare with"
    )
    add(
        "--regions",
        type=local_path,
        metavar="GEOJSON",
        help="regions that are drawn over the slides",
    )
    add("--port", type=int, default=0, metavar="N", help="of the server (default: a free one)")
    add("--no-browser", action="store_true", help="print the address and open nothing")
    add(
        "--decode",
        choices=("page", "server"),
        default="page",
        help="who runs the network (default: the page)",
    )
    add("--export", type=local_path, metavar="DIR", help="write a static site and serve nothing")
    add("--link", metavar="URL", help="with --export: the folder in which the slides lie already")
    parser.set_defaults(command=_view)


def _view(options: argparse.Namespace) -> None:
    from pathae_codec.viewing.shown import find_slides, open_shown
    from pathae_codec.viewing.site import Site

    paths = find_slides(options.files)
    against = len(paths) if options.against else None
    if options.against:
        paths += find_slides([options.against])[:1]
    shown = [open_shown(path, options.decode) for path in paths]
    for one in shown:
        if one.note:
            say_error(f"pathae: warning: {one.note}")
    if options.export:
        _export(shown, against, options)
    else:
        _serve(Site(shown, against, options.regions), options)


def _export(shown: "list[Shown]", against: int | None, options: argparse.Namespace) -> None:
    from pathae_codec.viewing.static_site import export_site

    written = export_site(
        shown, options.export, against=against, regions=options.regions, link=options.link
    )
    say(
        f"{options.export}: {count(len(shown), 'slide')}, page {megabytes(written.page)}, "
        f"decoders {megabytes(written.decoders)}, slides {megabytes(written.slides)}"
    )
    say(f"  to see it: python3 -m http.server --bind 127.0.0.1 --directory {options.export}")


def _serve(site: "Site", options: argparse.Namespace) -> None:
    import webbrowser

    from pathae_codec.viewing.server import ViewerServer

    with ViewerServer(site, options.port) as server:
        say(server.address)
        say_error("  Ctrl-C ends it")
        if not options.no_browser:
            webbrowser.open(server.address)
        server.serve_forever()
