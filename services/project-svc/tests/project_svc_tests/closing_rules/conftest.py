from project_svc_tests.execution.conftest import above, boss, site  # noqa: F401 - fixtures
from project_svc_tests.plan.conftest import api, planner, shared, who  # noqa: F401 - fixtures
