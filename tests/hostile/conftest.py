"""What the tests of attacks share: small slides, and little patience with servers."""

import shutil
from pathlib import Path

import pytest

from pathae_codec.storage import http_storage
from pathae_codec.storage.patience import Patience

FIXTURES = Path(__file__).parents[1] / "fixtures"
SHORT = Patience(request=0.6, whole=6.0, tries=3, pause=0.02)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up on a server within seconds."""
    monkeypatch.setattr(http_storage, "PATIENCE", SHORT)


@pytest.fixture
def slides(tmp_path: Path) -> Path:
    """Return a folder with copies of the fixtures' slides, to be changed at will."""
    folder = tmp_path / "slides"
    shutil.copytree(FIXTURES / "0.1.0", folder)
    return folder
