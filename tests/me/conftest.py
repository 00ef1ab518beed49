import pytest

from app.files import storage


@pytest.fixture(autouse=True)
def files_folder(tmp_path):
    """Each test has its own folder of uploads."""
    before = storage.folder()
    storage.configure(tmp_path / "files")
    yield tmp_path / "files"
    storage.configure(before)
