import click
from flask.cli import AppGroup

from app.search import actions

search_group = AppGroup("search", help="What can be found.")


@search_group.command("rebuild")
def rebuild() -> None:
    """Write the search index anew, while the product runs."""
    click.echo(f"{actions.rebuild()} documents")
