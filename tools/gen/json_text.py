"""JSON as it is committed."""

import json
from typing import Any


def json_text(value: Any) -> str:
    """Indented, Chinese readable, in the order in which the code gives it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
