"""``python -m magcheck``, and the command ``magcheck``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from magcheck.cli import cli

        cli(prog_name="magcheck")
    except KeyboardInterrupt:  # Before click was there to take it.
        sys.exit(130)


if __name__ == "__main__":
    main()
