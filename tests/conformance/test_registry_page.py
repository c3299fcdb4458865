"""The page for the registry of Zarr extensions says what the binding says."""

import json
import re

from jsonschema import Draft202012Validator

from format_spec.zarr_extension.make_page import FOLDER, make_page
from pathae_codec.configuration import build_configuration
from tests.tiny_model import tiny_parameters


def test_the_stored_page_is_what_is_made() -> None:
    stored = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert stored == make_page()


def test_the_page_stands_alone() -> None:
    """In the registry there are none of our files beside it."""
    links = re.findall(r"\]\(([^)]+)\)", make_page()["README.md"])
    assert all(link.startswith("https://") or link == "schema.json" for link in links)


def test_codec_objects_are_valid_under_its_schema() -> None:
    validator = Draft202012Validator(json.loads(make_page()["schema.json"]))
    configuration = build_configuration(tiny_parameters())
    assert validator.is_valid({"name": "pathae", "configuration": configuration})
    assert not validator.is_valid({"name": "pathae"})
    assert not validator.is_valid({"name": "other", "configuration": configuration})
    assert not validator.is_valid(
        {"name": "pathae", "configuration": configuration | {"version": 2}}
    )
