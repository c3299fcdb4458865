"""Every public name says what it does and what it takes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import module_name, modules, tree

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, Definition]]:
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield inside + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{inside}{node.name}.")


def is_forward(name: str, node: Definition) -> bool:
    """Say whether it is a torch module's `forward`, whose class says what it is."""
    return node.name == "forward" and "." in name


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_public_names_have_docstrings(path: Path) -> None:
    silent = [
        name
        for name, node in public(tree(path).body)
        if not ast.get_docstring(node) and not is_forward(name, node)
    ]
    assert silent == []


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_modules_have_docstrings(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not source.strip() or ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", modules(), ids=module_name)
def test_public_functions_are_annotated(path: Path) -> None:
    bare = []
    for name, node in public(tree(path).body):
        if isinstance(node, ast.ClassDef):
            continue
        arguments = node.args
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        stars = [a for a in (arguments.vararg, arguments.kwarg) if a]
        first = 1 if "." in name and not has_decorator(node, "staticmethod") else 0
        missing = [a.arg for a in [*listed[first:], *stars] if a.annotation is None]
        if missing or node.returns is None:
            bare.append((name, missing))
    assert bare == []


def has_decorator(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == name for d in node.decorator_list)
