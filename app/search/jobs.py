from app.kernel.jobs import job
from app.search import actions


@job
def rebuild() -> None:
    """Write the search index anew; twice is once."""
    actions.rebuild()
