from project_svc_tests.execution.conftest import above, boss, site
from project_svc_tests.plan.conftest import api, planner, who

__all__ = ["above", "api", "boss", "planner", "site", "who"]
