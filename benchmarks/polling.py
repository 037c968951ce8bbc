"""A poll of an idle worker, beside the smallest statement of the same store."""

from collections.abc import Iterator

from sqlalchemy import select

from benchmarks.measure import Line, both, ms, times
from benchmarks.scene import Size, scene
from portfolio.run.worker import worker_of
from portfolio.tasks.queue import Poll

COUNT, TARGET = 300, 3


def measure() -> Iterator[Line]:
    """The processor time of a poll of every source, and of one of the urgent sources."""
    with scene([Size(11, 40)]) as made:
        engine, worker = made.database.engine, worker_of(made.app)

        def bare() -> None:
            with engine.connect() as connection:
                connection.execute(select(1)).one()

        for name, sources in (
            ("toutes les sources", worker.sources),
            ("les sources urgentes", worker.sources[: worker.urgent]),
        ):
            reference, subject = both(bare, Poll(engine, sources).due_sources, COUNT)
            ratio, asked = subject / reference, f"relève de l’ouvrier, {name}"
            yield Line(asked, ms(reference), ms(subject), times(subject, reference), f"< {TARGET}", ratio < TARGET)
