"""What is told of people who can sign in."""

from crm_contracts.identity.v1 import UserCreated, UserUpdated
from crm_platform.service import BatchConsumer
from customer_svc.known_users import service

FOLLOWING = BatchConsumer((UserCreated, UserUpdated), service.keep, snapshots=True, repeats=True)
"""Keeps the copies.

The service has heard of people before it kept copies, of rights that changed: so current states, which an operator asks
the gateway for, come although they are known.
"""
