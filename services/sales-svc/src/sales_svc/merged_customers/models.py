"""Tables of who stands for whom, and of the records that went along."""

from sqlalchemy import Table

from crm_platform.following import Successors, moves_table, successors_table
from sales_svc.metadata import METADATA

SUCCESSORS = Successors(successors_table("merged_customers", METADATA))

MOVES: Table = moves_table("merge_moves", METADATA)
