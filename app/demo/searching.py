"""What was made in volume can be found, where there is a search."""

from __future__ import annotations

from app.demo.crowd import Crowd
from app.demo.flow import Piece


def put_names(crowd: Crowd) -> None:
    """People and spaces."""


def put_entries(piece: Piece) -> None:
    """Posts and comments."""
