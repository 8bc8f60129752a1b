"""Work shared on a Dask cluster: ``--dask ADDRESS``."""

import asyncio
import contextlib
import logging
import platform
import queue
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from atss_inspect.errors import AtssInspectError, SettingsError, first_line
from atss_inspect.stopping import interrupted_once

if TYPE_CHECKING:
    from concurrent.futures import Executor

Found = TypeVar("Found")
# To find out that no scheduler answers there, or none of its workers.
CONNECT_S = 2.5
CLOSE_S = 5
GRACE_S = 0.5
LOST_S = 5  # of a connection that broke while work was under way
# Loggers with a level of their own, as Dask's documentation of logging sets them; what
# is below goes by the level of the one above it.
_LOUD = (
    *("asyncio", "distributed", "distributed.client", "distributed.gc"),
    *("tornado", "tornado.application"),
)
EXAMPLE = "tcp://host:8786"
_ADDRESS = re.compile(r"((tcp|tls|ucx|ws|wss)://)?[^/\s]+:\d+")


def require_scheduler(address: str) -> None:
    """Refuse an address where no scheduler answers; the connection is not kept.

    Raises `SettingsError, AtssInspectError` as `dask_workers`.
    """
    _connect(address).close(timeout=CLOSE_S)


@contextlib.contextmanager
def dask_workers(address: str, *, quiet: bool) -> "Iterator[Executor]":
    """Connect to an executor whose work is done by the workers of a Dask cluster.

    The address is that of the scheduler, such as ``tcp://host:8786``; quiet means no
    word of other versions. The cluster reschedules what a lost worker had; when the
    block ends by an error or Ctrl-C, what is under way is cancelled. Raises
    `SettingsError` for an address that cannot be one, and `AtssInspectError` where Dask
    is not installed, no scheduler answers, the workers cannot do the work, or workers
    or scheduler are lost for good.
    """
    client = _connect(address)
    from distributed import KilledWorker

    executor = client.get_executor()
    try:
        with interrupted_once():
            _check_workers(client, address, quiet=quiet)
            yield cast("Executor", _Workers(client, executor))
    except KilledWorker as error:
        message = f"--dask {address}: several workers died over the same images"
        hint = "give the workers more memory; their logs say why they died"
        raise AtssInspectError(message, hint=hint) from error
    except (CancelledError, OSError) as error:
        if client.status == "running" and not isinstance(error, CancelledError):
            raise  # such as a full disk
        message = f"--dask {address}: the connection to the scheduler is lost"
        raise AtssInspectError(message) from error
    finally:
        # Cancels what has not been asked for any more; nothing is left to wait for.
        with contextlib.suppress(Exception):  # a cluster that is gone
            executor.shutdown(wait=False)
        with contextlib.suppress(Exception):
            client.close(timeout=CLOSE_S)


class _Workers:
    """Hands work to a cluster, as much of an executor as `run.map_chunks` asks for."""

    def __init__(self, client: Any, executor: Any) -> None:
        self._client, self._executor = client, executor
        self.num_workers = sum(client.nthreads().values())

    def submit(self, *work: Any) -> SimpleNamespace:
        """Send one piece of work; its ``result()`` is an answer to come."""
        future = self._executor.submit(*work)
        return SimpleNamespace(result=partial(self._wait, future))

    def _wait(self, future: Any) -> Any:
        """Wait for an answer, if the scheduler is not lost meanwhile.

        Dask's own future waits for ever where its work was sent while the connection
        broke.
        """
        patience = LOST_S
        while patience > 0:
            try:
                return future.result(timeout=1)
            except TimeoutError:
                if future.done():  # just now, or with an error of the work
                    return future.result()
            patience = LOST_S if self._client.status == "running" else patience - 1
        raise CancelledError


def _connect(address: str) -> Any:
    """Load Dask's cluster, an extra, and find the scheduler."""
    if not _ADDRESS.fullmatch(address):
        message = f"--dask {address}: expected an address such as {EXAMPLE}"
        raise SettingsError(message)
    try:
        import distributed
    except ImportError as error:
        message = "--dask needs dask and distributed, which are not installed"
        hint = "pip install 'atss-inspect[dask]'"
        raise AtssInspectError(message, hint=hint) from error
    # They report a lost connection at length, logger by logger; we say it once.
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Of other versions, which `_check_workers` names in one line.
            warnings.simplefilter("ignore")
            within(CONNECT_S, partial(asyncio.run, _ask_scheduler(address)))
            client: Any = distributed.Client
            return client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:  # whatever somebody else's words make of it
        message = f"--dask {address}: no Dask scheduler answers there"
        hint = f"expected the address that `dask scheduler` prints: {EXAMPLE}"
        raise AtssInspectError(message, hint=hint) from error


async def _ask_scheduler(address: str) -> None:
    """Ask who listens there; `OSError` where no scheduler answers.

    A client of Dask waits for ever for the first words of whoever listens, and takes
    those of others for the length of what is to come.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    # Theirs are typed in part.
    secured: Any = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    async with asyncio.timeout(CONNECT_S):
        comm: Any = await connect(address, timeout=CONNECT_S, **secured)  # type: ignore[no-untyped-call]
        try:
            await comm.write({"op": "identity", "reply": True})
            found = await comm.read()
        finally:
            comm.abort()
    if not isinstance(found, Mapping) or found.get("type") != "Scheduler":
        message = "somebody else answers"
        raise ConnectionError(message)


def within(patience_s: float, work: Callable[[], Found]) -> Found:
    """Do work in a thread of its own, waiting no longer than this for its answer.

    Raises `TimeoutError` where none has come, and what the work raises.
    """
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def answer() -> None:
        try:
            answers.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            answers.put((None, error))

    threading.Thread(target=answer, daemon=True).start()
    try:
        # The loop of `asyncio.timeout` is given a little longer than it says.
        found, error = answers.get(timeout=patience_s + GRACE_S)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return cast("Found", found)


def _check_workers(client: Any, address: str, *, quiet: bool) -> None:
    """Require this package on the workers; print other versions, or a lack of them."""
    try:
        found = within(CONNECT_S, lambda: client.run(versions))
    except TimeoutError as error:
        message = f"--dask {address}: its workers do not answer"
        hint = "they may be stopped, or cut off from the scheduler; start them again"
        raise AtssInspectError(message, hint=hint) from error
    except Exception as error:
        words = first_line(error)
        message = f"--dask {address}: the workers cannot do this work: {words}"
        hint = "install the same atss-inspect where the workers run"
        raise AtssInspectError(message, hint=hint) from error
    if quiet:
        return
    if not found:
        sys.stderr.write(f"note: {address} has no workers yet; waiting for them\n")
    if differences := _differences(versions(), found):
        sys.stderr.write(f"warning: other versions on the workers: {differences}\n")


def versions() -> dict[str, str]:
    """List the versions that the answer might depend on, here or on a worker."""
    import numpy as np

    from atss_inspect import __version__

    return {
        "atss-inspect": __version__,
        "numpy": np.__version__,
        "Python": platform.python_version(),
    }


def _differences(
    here: Mapping[str, str], workers: Mapping[str, Mapping[str, str]]
) -> str:
    """List what differs, with each version once: numpy 2.4.6 here, 2.3.0 there."""
    there = {
        name: sorted({found.get(name, "none") for found in workers.values()} - {own})
        for name, own in here.items()
    }
    return "; ".join(
        f"{name} {here[name]} here, {' and '.join(others)} there"
        for name, others in there.items()
        if others
    )
