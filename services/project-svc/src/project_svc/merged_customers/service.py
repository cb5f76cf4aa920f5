"""Asking who stands for a customer, before a record refers to it."""

from project_svc.merged_customers.models import SUCCESSORS

current = SUCCESSORS.current
mapped, mapped_all = SUCCESSORS.mapped, SUCCESSORS.mapped_all
