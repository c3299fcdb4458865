"""A process whose traffic and new files are written down: by Python's audit events, and by strace.

Python tells what its own code does; what a library does in machine code only the system calls tell.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import ROOT

HOOK = """
import os, sys
log = os.open(os.environ["WATCHED_LOG"], os.O_WRONLY | os.O_APPEND)
NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg",
           "socket.getaddrinfo", "socket.gethostby", "socket.getnameinfo", "urllib.Request",
           "http.client.connect", "ftplib.connect")
CHANGES = ("os.mkdir", "os.link", "os.symlink")
def note(kind, what):
    os.write(log, f"{kind}\\t{what}\\n".encode())
def hook(event, arguments):
    if event.startswith(NETWORK):
        note("traffic", f"{event} {arguments!r:.200}")
    elif event == "open" and isinstance(arguments[2], int):
        if arguments[2] & os.O_CREAT and isinstance(arguments[0], (str, bytes)):
            note("file", os.path.abspath(os.fsdecode(arguments[0])))
    elif event == "os.rename":
        note("file", os.path.abspath(os.fsdecode(arguments[1])))
    elif event in CHANGES:
        note("file", os.path.abspath(os.fsdecode(arguments[event != "os.mkdir"])))
sys.addaudithook(hook)
"""
_CALLS = "socket,connect,sendto,sendmsg,openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2"
_PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
_INTERNET = re.compile(r"socket\(AF_INET6?|connect\(\d+, \{sa_family=(?!AF_NETLINK)")
_MAKES = re.compile(r"O_CREAT|creat\(|mkdir|rename")
_FAILED = re.compile(r"= -1 E")


@dataclass(frozen=True)
class Watched:
    """What a process did.

    Attributes:
        traffic: Sockets of the internet, connections, look-ups of names.
        files: That it made, opened to make, or renamed to; all of its threads and children.
        traced: Whether system calls were seen, not Python's events alone.
    """

    traffic: tuple[str, ...]
    files: tuple[Path, ...]
    traced: bool


def run_watched(code: str, arguments: list[str], folder: Path) -> Watched:
    """Run Python code in a process of its own and return what it did.

    Args:
        code: With its arguments in `sys.argv[1:]`.
        arguments: Texts.
        folder: An empty one: its home, cache and temporary folder are below it, and the logs.
    """
    log, trace = folder / "events", folder / "calls"
    log.write_bytes(b"")
    (folder / "code.py").write_text(HOOK + code)
    command = [sys.executable, "-B", str(folder / "code.py"), *arguments]
    strace = shutil.which("strace")
    if strace:
        options = ["-f", "-qq", "--seccomp-bpf", "-s", "4096", "-o", str(trace)]
        command = [strace, *options, "-e", f"trace={_CALLS}", *command]
    done = subprocess.run(
        command, env=_environment(folder, log), cwd=folder, capture_output=True, text=True,
        timeout=1200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    events = [line.split("\t", 1) for line in log.read_text().splitlines()]
    traffic = [what for kind, what in events if kind == "traffic"]
    files = [Path(what) for kind, what in events if kind == "file"]
    lines = trace.read_text(errors="replace").splitlines() if strace else []
    traffic += [line for line in lines if _INTERNET.search(line)]
    files += [path for line in lines if _MAKES.search(line) for path in _made(line, folder)]
    return Watched(tuple(traffic), tuple(dict.fromkeys(files)), strace is not None)


def _made(line: str, folder: Path) -> list[Path]:
    if _FAILED.search(line):
        return []
    paths = _PATH.findall(line)
    return [folder / paths[-1]] if paths else []


def _environment(folder: Path, log: Path) -> dict[str, str]:
    names = {"HOME": "home", "XDG_CACHE_HOME": "home/cache", "TMPDIR": "temporary"}
    for name in names.values():
        (folder / name).mkdir(parents=True)
    environment = os.environ | {key: str(folder / name) for key, name in names.items()}
    path = [str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(path)
    environment["WATCHED_LOG"] = str(log)
    # Libraries keep silent in a CI job, where nobody would notice that they do not elsewhere.
    for name in ("ORT_DISABLE_TELEMETRY", "PATHAE_BACKEND", "CI", "TF_BUILD", "JENKINS_URL"):
        environment.pop(name, None)
    return environment
