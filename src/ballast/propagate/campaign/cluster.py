"""Parts of a campaign on a Ray cluster: `on_cluster(address)` is a `Spread`, as `on_threads` is.

A part is one task on one processor; what it gives comes back to the process that asked, which alone
writes files, so the machines need no common disk. A task whose worker died runs again, `RETRIES` times: a
part is a pure function, and that changes nothing. Every worker must have the same code, and says so before
it runs.
Ray's usage statistics are switched off and its dashboard is not started: nothing leaves the machines.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from ballast import machine
from ballast.economy import Economy
from ballast.errors import BallastError, InputError, SimulationError
from ballast.propagate.campaign.folder import Job, Part, Parts, Plan, Spread, Tick, run_part
from ballast.propagate.campaign.parts import code_hash
from ballast.propagate.ensemble import workers
from ballast.scenario import Scenario

LOCAL = "local"
RETRIES = 5
PATIENCE = 5.0  # seconds for an address to answer
AHEAD = 2  # parts asked for a processor: one runs, one waits


def on_cluster(address: str, processors: int | None = None) -> Spread:
    """Parts on the Ray cluster at `address` ("auto", "HOST:PORT", "ray://HOST:PORT").

    "local" starts one on this machine, of `processors` workers (as many as there are processors), and ends
    it afterwards. Raises InputError when Ray is not installed or nothing answers at the address.
    """
    ray = _ray()

    def spread(plan: Plan, jobs: Sequence[Job], tick: Tick) -> Parts:
        if not jobs:
            return
        ours = _connect(ray, address, processors)
        try:
            yield from _run(ray, plan, jobs, tick)
        finally:
            if ours:
                ray.shutdown()

    return spread


def _ray() -> Any:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # read when Ray starts
    os.environ.setdefault(
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0"
    )  # its new behaviour, without its notice
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "--cluster: Ray is not installed. Run pip install 'ballaststone[cluster]', or leave out "
            "--cluster."
        ) from error
    return ray


def _connect(ray: Any, address: str, processors: int | None) -> bool:
    """Join the cluster; whether it was joined here and is to be left again."""
    if ray.is_initialized():
        return False
    _reach(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    if address == LOCAL:
        options |= {"num_cpus": processors or workers(), "include_dashboard": False}
    try:
        ray.init(address, **options)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
        raise _nobody(address, error) from error
    return True


def _reach(address: str) -> None:
    """Knock before Ray does: it would try for minutes at an address where nobody is."""
    host, colon, port = address.removeprefix("ray://").partition(":")
    if not colon:
        return
    try:
        socket.create_connection((host, int(port)), timeout=PATIENCE).close()
    except (OSError, ValueError, OverflowError) as error:
        raise _nobody(address, error) from error


def _nobody(address: str, error: Exception) -> InputError:
    return InputError(
        f"--cluster: no Ray cluster answers at {address} ({_first_line(error)}). Start one with "
        "`ray start --head`, give its address, or use --cluster local."
    )


def _run(ray: Any, plan: Plan, jobs: Sequence[Job], tick: Tick) -> Parts:
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(_work)
    economy, code = ray.put(plan.economy), code_hash()
    width = AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: dict[Any, Job] = {}
    queue = iter(jobs)
    try:
        while True:
            while len(waiting) < width and (job := next(queue, None)) is not None:
                plot, points = plan.scenarios[job.scenario], plan.quantiles(job)
                waiting[task.remote(economy, plot, points, plan.model, code)] = job
            if not waiting:
                return
            done, _ = ray.wait(list(waiting), num_returns=1, timeout=1.0)
            tick()
            for ref in done:
                job = waiting.pop(ref)
                yield job, _result(ray, ref, job)
    finally:
        for ref in waiting:
            ray.cancel(ref, force=True)


def _work(
    economy: Economy, scenario: Scenario, quantiles: Sequence[Mapping[str, float]], model: str, code: str
) -> Part:
    """One part, on a worker."""
    if code != code_hash():
        raise InputError(
            f"--cluster: worker {machine.called()} has another version of ballast than this machine "
            f"(code {code_hash()[:12]}, here {code[:12]}). Install the same one on every machine."
        )
    return run_part(economy, scenario, quantiles, model)


def _result(ray: Any, ref: Any, job: Job) -> Part:
    draws = f"draws {job.first} to {job.last - 1}"
    try:
        part: Part = ray.get(ref)
    except ray.exceptions.RayTaskError as error:  # raised by `_work`
        if isinstance(error.cause, BallastError):
            raise error.cause from None
        raise SimulationError(
            f"{draws} failed on a worker: {type(error.cause).__name__}: {error.cause}. Finished parts are "
            "kept. Try the same command without --cluster to see whether the machine matters."
        ) from error
    except ray.exceptions.RayError as error:  # the worker died once too often
        raise SimulationError(
            f"{draws} could not be run on the cluster in {RETRIES + 1} tries: {_first_line(error)} What is "
            "finished is kept: look after the machines and give the same command again. A worker that dies "
            "again and again has mostly too little memory."
        ) from error
    return part


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
