"""Table of the company, kept by the gateway's events."""

from analytics_svc.metadata import METADATA
from crm_platform.companies import known_companies

KNOWN_COMPANIES = known_companies(METADATA)
