"""Deliveries are kept before they are answered: raw body and job in one transaction, many deliveries to a commit.

One thread writes; a request waits for its commit. A delivery that is there already starts nothing new.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from time import time
from typing import Any

from sqlalchemy import insert, select

from bot.adapters import schema
from bot.adapters.workflows_dbos import Durable, Job
from bot.errors import Misconfigured, Transient

BATCH = 256
PARTITION = "deliveries"


@dataclass(frozen=True)
class Delivery:
    """One webhook delivery as it came: its id, the event's name, and the body's bytes."""

    id: str
    event: str
    body: bytes


class Inbox:
    """Keeps deliveries and starts a job for each, named `delivery`, in one transaction."""

    def __init__(self, durable: Durable, *, now: Callable[[], float] = time) -> None:
        self._durable = durable
        self._now = now
        self._queue: queue.SimpleQueue[tuple[Delivery, Future[bool]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="inbox", daemon=True)
        self._thread.start()

    def put(self, delivery: Delivery) -> Future[bool]:
        """Return a future that is done when the delivery is committed: True when new; else it raises `Transient`."""
        done: Future[bool] = Future()
        self._queue.put((delivery, done))
        return done

    def load(self, delivery_id: str) -> Delivery:
        """Return a delivery; raises `Misconfigured` when there is none with that id."""
        table = schema.deliveries
        with self._durable.engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.id == delivery_id)).first()
        if row is None:
            raise Misconfigured(f"there is no delivery {delivery_id}", hint="Look at the App's list of deliveries.")
        return Delivery(row.id, row.event, bytes(row.body))

    def close(self) -> None:
        """Write what is waiting, then end the thread."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            ended = False
            while len(batch) < BATCH and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    ended = True
                    break
                batch.append(more)
            self._commit(batch)
            if ended:
                return

    def _commit(self, batch: list[tuple[Delivery, Future[bool]]]) -> None:
        try:
            fresh = self._keep([delivery for delivery, _ in batch])
        except Exception as error:  # noqa: BLE001 - whatever kept it from being stored, the sender is told to come again
            for _, done in batch:
                done.set_exception(Transient(f"the delivery could not be stored: {error}", hint="Send it again."))
            return
        for delivery, done in batch:
            done.set_result(delivery.id in fresh)

    def _keep(self, deliveries: list[Delivery]) -> set[str]:
        table = schema.deliveries
        by_id = {delivery.id: delivery for delivery in deliveries}
        with self._durable.engine.begin() as connection:
            known = {row.id for row in connection.execute(select(table.c.id).where(table.c.id.in_(list(by_id))))}
            fresh = [delivery for key, delivery in by_id.items() if key not in known]
            if fresh:
                connection.execute(insert(table), [_row(delivery, self._now()) for delivery in fresh])
            for delivery in fresh:
                job = Job(f"delivery:{delivery.id}", "delivery", {"id": delivery.id}, partition=delivery.id)
                self._durable.start(job, connection)
        return {delivery.id for delivery in fresh}


def _row(delivery: Delivery, at: float) -> dict[str, Any]:
    return {"id": delivery.id, "event": delivery.event, "body": delivery.body, "at": at}
