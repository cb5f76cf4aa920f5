"""Table of the company, kept by the gateway's events."""

from crm_platform.companies import known_companies
from project_svc.metadata import METADATA

KNOWN_COMPANIES = known_companies(METADATA)
