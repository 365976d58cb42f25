"""The durable engine: jobs that survive a killed process, one at a time for each repository, in order.

DBOS behind our own port. A job is started with an id of its own choosing, so that the same start twice is one run.
Steps are run at least once and recorded once: every effect in one has to look before it acts. Waiting is a job that
is delayed and can be woken, never a parked thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, text

from bot.errors import Misconfigured, Transient
from bot.ports import Codec

VERSION = "pipeline-1"  # of the engine's own protocol; never the digest of the source
QUEUE = "repository"
POLL_SECONDS = 0.2
WORKERS = 8
THREADS = 32
MAX_RECOVERIES = 5
LIVE = ("PENDING", "ENQUEUED", "DELAYED")
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(frozen=True)
class Job:
    """One job: its id, the name of what runs it, plain data for it, whose turn it takes, and a delay in seconds."""

    id: str
    name: str
    data: Mapping[str, Any] = field(default_factory=dict)
    partition: str = "-"
    delay: float = 0.0


@dataclass(frozen=True)
class State:
    """Where a job stands: its status as the engine names it, and the error's text when it ended in one."""

    id: str
    name: str
    status: str
    error: str = ""


Runner = Callable[[Mapping[str, Any]], None]
_runners: dict[str, Runner] = {}


def _run(name: str, data: dict[str, Any]) -> None:
    runner = _runners.get(name)
    if runner is None:
        raise Misconfigured(f"there is no job {name!r} in this version", hint="Start the version it began with.")
    runner(data)


class Durable:
    """The `Workflows` port, and what starts, wakes and lists jobs. There is one in a process."""

    def __init__(self, engine: Engine, *, executor: str = "one") -> None:
        self.engine = engine
        self.executor = executor
        self._dbos: Any = None
        self._client: Any = None
        self._workflow: Any = None
        self._lock = threading.Lock()

    def register(self, name: str, runner: Runner) -> None:
        """Let jobs of a name be run by a function of their data; before `launch`."""
        _runners[name] = runner

    def launch(self) -> None:
        """Begin to run jobs; those that a killed process left behind go on first."""
        from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

        logging.getLogger("dbos").setLevel(logging.WARNING)
        serializer = DBOSPortableJSONSerializer()
        self._dbos = DBOS(
            config={
                "name": "selfheal",
                "system_database_engine": self.engine,
                "application_version": VERSION,
                "executor_id": self.executor,
                "serializer": serializer,
                "max_executor_threads": THREADS,
                "log_level": "WARNING",
            }
        )
        self._workflow = DBOS.workflow(name="job", max_recovery_attempts=MAX_RECOVERIES)(_run)
        DBOS.launch()
        DBOS.register_queue(
            QUEUE, partition_concurrency=1, worker_concurrency=WORKERS, polling_interval_sec=POLL_SECONDS
        )
        self._client = DBOSClient(system_database_engine=self.engine, serializer=serializer)

    def stop(self) -> None:
        """Stop running jobs and give everything back; what was in flight goes on at the next start."""
        from dbos import DBOS

        if self._client is not None:
            self._client.destroy()
        DBOS.destroy(destroy_registry=True)
        self._dbos = self._client = None

    def start(self, job: Job, connection: Connection | None = None) -> None:
        """Start a job, once for each id; within the caller's transaction when a connection is given."""
        options: dict[str, Any] = {
            "queue_name": QUEUE,
            "workflow_name": "job",
            "workflow_id": job.id,
            "queue_partition_key": job.partition,
            "app_version": VERSION,
        }
        if job.delay > 0:
            options["delay_seconds"] = job.delay
        arguments = (job.name, dict(job.data))
        if connection is not None:
            self._client.enqueue_in_transaction(connection, options, *arguments)
        else:
            self._client.enqueue(options, *arguments)

    def wake(self, job_id: str, *, delay: float = 0.0) -> None:
        """Let a delayed job run now, or after so many seconds; nothing happens when it is not delayed."""
        self._client.set_workflow_delay(job_id, delay_seconds=delay)

    def step(self, name: str, work: Callable[[], dict[str, object]], codec: Codec) -> dict[str, object]:
        """Return what `work` returned, now or when this step of the running job ran before."""
        from dbos import DBOS

        return codec.load(DBOS.run_step({"name": name}, lambda: codec.dump(work())))

    def state(self, job_id: str) -> State | None:
        """Return where a job stands, or None when there is none with that id."""
        found = self._client.list_workflows(workflow_ids=[job_id])
        return _state(found[0]) if found else None

    def states(self, *, prefix: str = "", live: bool = False, limit: int = 1000) -> tuple[State, ...]:
        """Return where jobs stand, newest first: those whose id begins with `prefix`, or only those not ended."""
        more: dict[str, Any] = {"workflow_id_prefix": prefix} if prefix else {}
        if live:
            more["status"] = list(LIVE)
        found = self._client.list_workflows(limit=limit, sort_desc=True, load_output=False, **more)
        return tuple(_state(one) for one in found)

    def living(self, prefix: str) -> frozenset[str]:
        """Return the ids that begin with `prefix` of all jobs that have not ended, without their data."""
        found = self._client.list_workflows(
            workflow_id_prefix=prefix, status=list(LIVE), load_input=False, load_output=False
        )
        return frozenset(one.workflow_id for one in found)

    def counts(self) -> dict[str, int]:
        """Return how many jobs there are by status."""
        schema = "" if self.engine.dialect.name == "sqlite" else "dbos."
        counted = text(f"SELECT status, COUNT(*) FROM {schema}workflow_status GROUP BY status")  # noqa: S608 - ours
        with self.engine.connect() as connection:
            return {str(status): int(count) for status, count in connection.execute(counted)}

    def retry(self, job_id: str) -> None:
        """Run an ended job again from its first step that is not recorded."""
        self._client.rewind_workflow(job_id)

    def purge(self, job_ids: tuple[str, ...]) -> None:
        """Forget ended jobs."""
        self._client.delete_workflows(list(job_ids))

    def ready(self) -> None:
        """Return when the database answers; raises `Transient` when it does not."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception as error:
            raise Transient(f"the database does not answer: {error}", hint="Check DATABASE_URL.") from error


def _state(found: Any) -> State:
    arguments = (found.input or {}).get("args") or ("",)
    error = str(found.error) if found.error else ""
    return State(id=found.workflow_id, name=str(arguments[0]), status=found.status, error=error)
