"""What happened to a record: its changes, what it was at any moment, and whether its trail is as it was sealed.

All of it is read from the audit trail, which the statement of each change writes. A service adds one line per aggregate
to the routers of its ``slices.py``: ``history_router(CUSTOMERS, "customers:read", CustomerRead)``.
"""
