"""Asking who stands for a customer, before a record refers to it."""

from service_desk_svc.merged_customers.models import SUCCESSORS

current = SUCCESSORS.current
mapped = SUCCESSORS.mapped
