"""``python -m magcheck``."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from magcheck.cli import cli

    cli(prog_name="magcheck")


if __name__ == "__main__":
    main()
