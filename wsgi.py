"""What the web server serves."""

from app import create_app
from config import ConfigError

try:
    app = create_app()
except ConfigError as problem:
    raise SystemExit(f"Parvis did not start: {problem}") from problem
