"""Where a run's jobs are done: in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from grader.config import Settings
from grader.errors import ConfigError, SandboxUnavailableError
from grader.executors import Executor, LocalExecutor
from grader.executors.capacity import Capacity, capacity, job_bytes, warm_bytes
from grader.model.rubric import Rubric
from grader.model.text import Text, say
from grader.sandbox import choose_tier, gpu_behind_walls, settled
from grader.versions import LIBRARIES

if TYPE_CHECKING:
    from grader.executors.dask import DaskExecutor

Notify = Callable[[Text], None]


def settle_tier(settings: Settings) -> str:
    """The tier of the run: this machine's, or the strongest on the cluster.

    Raises: ConfigError, SandboxUnavailableError, ClusterError.
    """
    if settings.dask is None:
        return choose_tier(settings.sandbox)
    with _cluster(settings.dask, settings, settings.sandbox, (), lambda _: None) as executor:
        return executor.tier


def settle_gpu(settings: Settings, tier: str) -> str | None:
    """Name of the GPU that second runs are made on, found behind walls of this tier; None where it is the virtual one.

    Raises: ConfigError where there is none, or the run is not this machine's.
    """
    if not settings.real_gpu:
        return None
    if settings.dask is not None:
        raise ConfigError(
            say("--real-gpu is for this machine, and --dask grades on others: leave out one of them.")
        )
    try:
        return gpu_behind_walls(tier)
    except SandboxUnavailableError as error:
        raise ConfigError(
            say(
                "--real-gpu: {reason} Without it, the virtual GPU is taken, which needs none.",
                reason=error.text,
            )
        ) from error


@contextmanager
def open_executor(
    settings: Settings, tier: str, rubrics: Iterable[Rubric], notify: Notify
) -> Iterator[Executor]:
    """Places for jobs of these rubrics; `notify` hears how many, and what becomes of them.

    Raises: ConfigError, ClusterError.
    """
    preloads = {rubric.preload for rubric in rubrics}
    if settings.dask is None:
        jobs = settings.jobs or _places_here(tier, preloads, notify)
        with settled(), LocalExecutor(jobs, [(tier, preload) for preload in sorted(preloads)]) as executor:
            yield executor
        return
    with _cluster(settings.dask, settings, tier, preloads, notify) as cluster:
        workers, places = cluster.size
        most = min(places, settings.jobs or places)
        notify(say("Dask: workers {workers}, notebooks at a time {places}", workers=workers, places=most))
        yield cluster


def _cluster(
    address: str, settings: Settings, sandbox: str, preloads: Collection[tuple[str, ...]], notify: Notify
) -> DaskExecutor:
    try:
        from grader.executors.dask import DaskExecutor
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("dask", "distributed"):
            raise
        raise ConfigError(say("--dask needs the extra `dask`: pip install 'grade[dask]'.")) from error
    return DaskExecutor(
        address,
        sandbox=sandbox,
        libraries=LIBRARIES,
        job_bytes=job_bytes(len(preloads)),
        jobs=settings.jobs,
        notify=notify,
    )


def _places_here(tier: str, preloads: Collection[tuple[str, ...]], notify: Notify) -> int:
    shared = warm_bytes(len(preloads)) if tier == "strong" else 0
    found: Capacity = capacity(job_bytes(len(preloads)) - shared, shared)
    if found.jobs < found.cores and found.memory_bytes is not None:
        notify(
            say(
                "{jobs} notebooks at a time, though there are {cores} cores: {free} MB of memory are free, and"
                " each may take {each} MB. `--jobs` says otherwise.",
                jobs=found.jobs,
                cores=found.cores,
                free=found.memory_bytes // 10**6,
                each=found.job_bytes // 10**6,
            )
        )
    return found.jobs
