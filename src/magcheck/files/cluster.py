"""A Dask cluster to work on, through joblib's own backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from magcheck.errors import MagcheckError

PATIENCE = 10  # Seconds to wait for a scheduler.


@contextmanager
def dask_cluster(address: str) -> Iterator[None]:
    """Carry all that joblib spreads within the context to the Dask cluster at `address`.

    Raises
    ------
    MagcheckError
        If Dask is not installed, no scheduler answers, or the cluster fails the work.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise MagcheckError(
            "--dask: needs Dask, which is not installed: pip install 'magcheck[dask]', here and on every worker"
        ) from error
    from joblib import parallel_config

    connect: Callable[..., Any] = Client  # Dask's own has no types.
    try:
        client = connect(address, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise MagcheckError(
            f"--dask {address}: no scheduler answers there ({error}); start one with: dask scheduler"
        ) from error
    try:
        with client, parallel_config(backend="dask"):
            yield
    except (CancelledError, KilledWorker, ImportError, RuntimeError) as error:
        raise MagcheckError(
            f"--dask {address}: the cluster failed ({error}); what is written is whole: mend it, and --resume"
        ) from error
