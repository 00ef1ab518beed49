"""What the web server serves."""

from app import create_app

app = create_app()
