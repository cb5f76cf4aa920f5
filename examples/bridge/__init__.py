"""What a partner system needs to take part in events: a book of its own that survives crashes, and a pump.

Everything that must not get lost is in one SQLite file: how far each partition was read, and what is still to be
sent. An event's effect and the position behind it are committed together, so that each takes effect once; a message
to send is written in the transaction of the change that it tells of, and keeps its id however often it is sent.
"""

from bridge.book import Book
from bridge.keys import SubjectKeys
from bridge.pump import Event, Pump

__all__ = ["Book", "Event", "Pump", "SubjectKeys"]
