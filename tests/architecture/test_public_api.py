"""Every public name says what it does and what it takes."""

import ast
from collections.abc import Iterator

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


def test_public_names_have_docstrings() -> None:
    assert [
        f"{module_name(path)}.{name}"
        for path in modules()
        for name, node in public(tree(path).body)
        if not ast.get_docstring(node) and not is_forward(name, node)
    ] == []


def test_modules_have_docstrings() -> None:
    assert [
        module_name(path)
        for path in modules()
        if path.read_text("utf-8").strip() and not ast.get_docstring(tree(path))
    ] == []


def test_public_functions_are_annotated() -> None:
    assert [
        f"{module_name(path)}.{name}: {missing}"
        for path in modules()
        for name, node in public(tree(path).body)
        if not isinstance(node, ast.ClassDef)
        if (missing := without_annotation(name, node))
    ] == []


def without_annotation(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Return the arguments without a type, and "return" where the result has none."""
    arguments = node.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    stars = [a for a in (arguments.vararg, arguments.kwarg) if a]
    first = 1 if "." in name and not has_decorator(node, "staticmethod") else 0
    missing = [a.arg for a in [*listed[first:], *stars] if a.annotation is None]
    return missing if node.returns else [*missing, "return"]


def has_decorator(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    return any(isinstance(d, ast.Name) and d.id == name for d in node.decorator_list)


def test_the_rules_know_what_breaks_them() -> None:
    source = """
def bare(a, b: int): ...
class Silent:
    def method(self, *rest) -> None: ...
    @staticmethod
    def lone(a) -> None: ...
    def _private(self, a): ...
"""
    found = {
        name: without_annotation(name, node)
        for name, node in public(ast.parse(source).body)
        if not isinstance(node, ast.ClassDef)
    }
    assert found == {
        "bare": ["a", "return"], "Silent.method": ["rest"], "Silent.lone": ["a"],
    }  # fmt: skip
