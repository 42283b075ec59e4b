"""``python -m magcheck``, and the command ``magcheck``."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line."""
    # A model is some ten thousand small objects made at once, none of them garbage: looking for some meanwhile
    # would cost a tenth of one answer's time. Nor do the rows of a batch make any.
    gc.set_threshold(1_000_000)
    try:
        from magcheck.cli import cli

        cli(prog_name="magcheck")
    except KeyboardInterrupt:  # Before click was there to take it.
        sys.exit(130)
    finally:
        # Nor is it now, when Python would look through it several times before it frees it all.
        gc.freeze()


if __name__ == "__main__":
    main()
