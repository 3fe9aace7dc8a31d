"""Hooks for schemathesis: half of what it asks for exists. The file of ids is named by `REAL_IDS`."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis


@cache
def known() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(os.environ["REAL_IDS"]).read_text("utf-8"))
    return found


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    operation = context.operation
    values = known().get(f"{operation.method.upper()} {operation.path}", [])
    if not path_parameters or len(str(path_parameters)) % 2:
        return path_parameters
    names = re.findall(r"{(\w+)}", operation.path)
    return path_parameters | dict(zip(names, values, strict=False))
