from project_svc_tests.plan.conftest import api, planner, shared, who

__all__ = ["api", "planner", "shared", "who"]
