"""Tables of the workers: when a periodic task runs next, and when a worker was last alive."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import Base


class PeriodicRun(Base):
    """The next run of a periodic task. While a worker runs the task, `run_after` is the end of its lease."""

    __tablename__ = "periodic_run"
    __care__ = no_fact("when a periodic task runs next")

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    run_after: Mapped[datetime]


class Heartbeat(Base):
    """The last sign of life of any process that bears this name."""

    __tablename__ = "heartbeat"
    __care__ = no_fact("when a worker was last alive")

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    seen_at: Mapped[datetime]
