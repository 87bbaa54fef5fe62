"""Writes the snapshots of the contract: `python -m tests.contract`. Its diff is what changed."""

import json
from pathlib import Path
from typing import Any

from app.main import create_app
from app.resources.fields import catalogue

FOLDER = Path(__file__).parent
COMMAND = ".venv/bin/python -m tests.contract"


def snapshots() -> dict[str, str]:
    """The contract as it is now: the text of each file by its name."""
    said: dict[str, Any] = {
        "openapi.json": create_app().openapi(),
        "fields.json": [row.model_dump(mode="json") for row in catalogue()],
    }
    return {n: json.dumps(s, ensure_ascii=False, indent=1) + "\n" for n, s in said.items()}


if __name__ == "__main__":
    for name, text in snapshots().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
