"""Mutants of the package's reader: each has one check that never fires, or that looks at less.

They are found in the syntax tree, not by lines, and put into the running functions, so that
whoever imported these has the mutant.
"""

import ast
import copy
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from pathae_codec import errors

PACKAGE = Path(errors.__file__).parent
READERS = (
    "bitstream", "model", "codec", "record", "tiff", "ome_zarr", "configuration.py",
    "container/root.py", "verification/structure.py", "verification/account.py",
)  # fmt: skip
"""Rooms and files in which a file of the format is read and checked."""
OF_FILES = (errors.FormatError, errors.ModelMismatchError, errors.ModelNotFoundError)
CHECKS = ("check_", "_check_", "_refuse_", "_expect", "parse_configuration")
"""How the names of functions begin that are called for what they refuse."""
OF_STORAGE = ("_check_unchanged", "check_unchanged")
"""Whether a file was exchanged while it is open: nothing that a vector could show."""


@dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes:
        module: Its name.
        function: By its qualified name.
        kind: `never` (the check does not fire), `part` (one of its conditions is gone), `call` (a
            check is not called), `handler` (an error is let through as it is), `bound` (a bound
            is moved by one).
        shown: What was changed, as source.
        line: Of the change in the file.
        reached: Lines of which a vector has to reach one, to see the change.
        code: Of the changed module.
    """

    module: str
    function: str
    kind: str
    shown: str
    line: int
    reached: tuple[int, ...]
    code: CodeType

    def __str__(self) -> str:
        return f"{self.module}.{self.function}: {self.kind}: {self.shown}"

    @property
    def key(self) -> str:
        """What the survivors are listed by; it outlives other changes of the file."""
        return str(self)

    def install(self) -> None:
        """Put the change into the running function."""
        _function(self.module, self.function).__code__ = _code(self.code, self.function)


def reader_files() -> list[Path]:
    """Return the files that are mutated."""
    found: list[Path] = []
    for name in READERS:
        path = PACKAGE / name
        found += sorted(path.glob("*.py")) if path.is_dir() else [path] if path.exists() else []
    return found


def mutants() -> Iterator[Mutant]:
    """Return all mutants."""
    for path in reader_files():
        module = ".".join(("pathae_codec", *path.relative_to(PACKAGE).with_suffix("").parts))
        tree = ast.parse(path.read_text("utf-8"))
        yield from _of_module(module, path, tree)


def _of_module(module: str, path: Path, tree: ast.Module) -> Iterator[Mutant]:
    for name, function in _functions(tree, ""):
        for index, node in enumerate(ast.walk(function)):
            for kind, change, shown, reached in _changes(node):
                twin = copy.deepcopy(tree)
                same = dict(_functions(twin, ""))[name]
                change(list(ast.walk(same))[index])
                ast.fix_missing_locations(twin)
                code = compile(twin, str(path), "exec")
                line = getattr(node, "lineno", function.lineno)
                yield Mutant(module, name, kind, shown, line, reached, code)


def _functions(node: ast.AST, start: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef):
            yield start + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{start}{child.name}.")


Change = tuple[str, Callable[[Any], None], str, tuple[int, ...]]


def _changes(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.If) and _refuses(node.body):
        yield from _of_condition(node)
    elif isinstance(node, ast.ExceptHandler) and _refuses(node.body):
        body = (node.body[0].lineno,)
        yield "handler", _let_through, ast.unparse(node).splitlines()[0], body
    elif isinstance(node, ast.Expr) and _is_check(node.value):
        yield "call", _leave_out, ast.unparse(node), (node.lineno,)


def _of_condition(node: ast.If) -> Iterator[Change]:
    fired, shown = (node.body[0].lineno,), ast.unparse(node.test)
    yield "never", _set_test(ast.Constant(False)), shown, fired
    if isinstance(node.test, ast.BoolOp):
        for number, value in enumerate(node.test.values):
            lines = fired if isinstance(node.test.op, ast.Or) else (node.lineno,)
            yield "part", _without(number), f"{shown} without {ast.unparse(value)}", lines
    for place, found in enumerate(ast.walk(node.test)):
        if isinstance(found, ast.Compare):
            for number, operator in enumerate(found.ops):
                if type(operator) in _MOVED:
                    text = f"{shown}, bound of {ast.unparse(found)} ({number})"
                    yield "bound", _moved(place, number), text, (node.lineno,)


_MOVED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip


def _set_test(test: ast.expr) -> Callable[[Any], None]:
    def change(node: ast.If) -> None:
        node.test = test

    return change


def _without(number: int) -> Callable[[Any], None]:
    def change(node: ast.If) -> None:
        assert isinstance(node.test, ast.BoolOp)
        del node.test.values[number]
        if len(node.test.values) == 1:
            node.test = node.test.values[0]

    return change


def _moved(place: int, number: int) -> Callable[[Any], None]:
    def change(node: ast.If) -> None:
        found = list(ast.walk(node.test))[place]
        assert isinstance(found, ast.Compare)
        found.ops[number] = _MOVED[type(found.ops[number])]()

    return change


def _let_through(node: ast.ExceptHandler) -> None:
    node.body = [ast.Raise()]


def _leave_out(node: ast.Expr) -> None:
    node.value = ast.Constant(None)


def _refuses(body: list[ast.stmt]) -> bool:
    """Say whether statements refuse a file: they raise one of its errors, or tell a problem."""
    return any(
        (isinstance(statement, ast.Raise) and _is_of_files(statement.exc))
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield))
        for statement in body
    )


def _is_of_files(raised: ast.expr | None) -> bool:
    name = raised.func if isinstance(raised, ast.Call) else raised
    kind = getattr(errors, name.id, None) if isinstance(name, ast.Name) else None
    if isinstance(name, ast.Name) and name.id in ("not_pathae", "missing_tile", "_wrong_member"):
        return True
    return isinstance(kind, type) and issubclass(kind, OF_FILES)


def _is_check(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name.startswith(CHECKS) and name not in OF_STORAGE


def _function(module: str, name: str) -> FunctionType:
    found: Any = import_module(module)
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    while not isinstance(found, FunctionType):
        if isinstance(found, property):
            found = found.fget
        elif isinstance(found, cached_property):
            found = found.func
        else:
            found = found.__wrapped__ if hasattr(found, "__wrapped__") else found.__func__
    return inspect.unwrap(found)  # type: ignore[return-value]


def _code(module: CodeType, name: str) -> CodeType:
    found = module
    for part in name.split("."):
        found = next(c for c in found.co_consts if isinstance(c, CodeType) and c.co_name == part)
    return found
