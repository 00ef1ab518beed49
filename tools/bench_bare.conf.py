"""The server settings of the product, for the yardsticks: the same but for what the product sets going."""

import runpy
from pathlib import Path
from typing import Any

_product = runpy.run_path(str(Path(__file__).parent.parent / "deploy" / "gunicorn.conf.py"))
globals().update({name: value for name, value in _product.items() if not name.startswith("_")})


def post_worker_init(_worker: Any) -> None:
    """As the product, keep the garbage collector off what lives as long as the process."""
    if calm := _product.get("calm_collector"):
        calm()
