"""A project seen from all sides."""

from gateway.compose.view import View, newest, record

_ITS = "project_id == '{project_id}'"

PROJECT_360 = View(
    name="Project360",
    path="/projects/{project_id}/360",
    scope="projects:read",
    subject="project",
    members={
        "project": record("project-svc", "/v1/projects/{project_id}"),
        "customer": record("customer-svc", "/v1/customers/{subject.customer_id}"),
        "opportunity": record("sales-svc", "/v1/opportunities/{subject.opportunity_id}"),
        "contract": record("sales-svc", "/v1/contracts/{subject.contract_id}"),
        "deliveries": newest("project-svc", "/v1/deliveries", _ITS),
        "risks": newest("project-svc", "/v1/risks", _ITS),
        "service": {
            "tickets": newest("service-desk-svc", "/v1/tickets", _ITS),
            "surveys": newest("service-desk-svc", "/v1/surveys", _ITS),
            "service_periods": newest("service-desk-svc", "/v1/service-periods", _ITS),
        },
    },
)
