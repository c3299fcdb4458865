"""Every rule of the specification is named by a test or a vector, and every name is a rule."""

import re
from pathlib import Path

from tests.conformance.vectors import SPEC, VECTORS

ANCHOR = re.compile(r"\bR-[a-z0-9][a-z0-9.-]*[a-z0-9]")
TESTS = Path(__file__).parents[1]


def stated_rules() -> list[str]:
    """Return the rules where they are stated; where they are only named they stand in backticks."""
    documents = (SPEC / "v1").glob("*.md")
    return [
        rule
        for document in documents
        for rule in re.findall(r"(?<!`)\[(R-[^\]]+)\](?!`)", document.read_text("utf-8"))
    ]


def named_rules() -> set[str]:
    paths = [*TESTS.rglob("*.py"), *VECTORS.rglob("case.json")]
    return {
        rule
        for path in paths
        for rule in ANCHOR.findall(path.read_text("utf-8"))
        if path != Path(__file__)
    }


def test_every_rule_is_tested() -> None:
    assert sorted(set(stated_rules()) - named_rules()) == []


def test_every_named_rule_exists() -> None:
    assert sorted(named_rules() - set(stated_rules())) == []


def test_no_rule_is_stated_twice() -> None:
    stated = stated_rules()
    assert sorted(stated) == sorted(set(stated))


def test_every_must_bears_a_rule() -> None:
    """A sentence with MUST ends in, or is followed by, the name of its rule."""
    for document in (SPEC / "v1").glob("*.md"):
        for paragraph in re.split(r"\n\s*\n", document.read_text("utf-8")):
            if "RFC 2119" in paragraph or "are used as" in paragraph:
                continue
            musts = len(re.findall(r"\bMUST\b", paragraph))
            rules = len(re.findall(r"\[R-", paragraph))
            assert musts <= rules, f"{document.name}: {paragraph}"
