from tests.edges.conftest import undone, written

__all__ = ["undone", "written"]
