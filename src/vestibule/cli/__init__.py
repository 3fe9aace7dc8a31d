"""The `vestibule` command."""

import sys


def main() -> None:
    """Run the command, or say which extra it needs."""
    try:
        from vestibule.cli.program import run
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == "vestibule":
            raise
        extras = "'vestibule[cli]', or 'vestibule[server]' for the identity server too"
        print(f"The command needs {missing.name}: pip install {extras}", file=sys.stderr)
        sys.exit(2)
    sys.exit(run())
