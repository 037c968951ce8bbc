"""Later work, made quick: what has to be done stands in rows; the line only says « now » to a worker, and may forget."""

from portfolio.queue.line import Line, Round, line_for
from portfolio.queue.order import QUEUE, Urgency, order
from portfolio.queue.pulse import Pulse, pulse_of

__all__ = ["QUEUE", "Line", "Pulse", "Round", "Urgency", "line_for", "order", "pulse_of"]
