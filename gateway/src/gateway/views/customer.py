"""A customer seen from all sides."""

from gateway.compose.view import View, newest, record

_THEIRS = "customer_id == '{customer_id}'"

CUSTOMER_360 = View(
    name="Customer360",
    path="/customers/{customer_id}/360",
    scope="customers:read",
    subject="customer",
    members={
        "customer": record("customer-svc", "/v1/customers/{customer_id}"),
        "communications": newest("customer-svc", "/v1/communications", _THEIRS),
        "sales": {
            "opportunities": newest("sales-svc", "/v1/opportunities", _THEIRS, count="exact"),
            "orders": newest("sales-svc", "/v1/orders", _THEIRS, count="exact"),
            "contracts": newest("sales-svc", "/v1/contracts", _THEIRS, count="exact"),
        },
        "projects": {
            "projects": newest("project-svc", "/v1/projects", _THEIRS),
            "deliveries": newest("project-svc", "/v1/deliveries", _THEIRS),
            "risks": newest("project-svc", "/v1/risks", _THEIRS),
        },
        "service": {
            "tickets": newest("service-desk-svc", "/v1/tickets", _THEIRS),
            "surveys": newest("service-desk-svc", "/v1/surveys", _THEIRS),
            "service_periods": newest("service-desk-svc", "/v1/service-periods", _THEIRS),
        },
        "analytics": record("analytics-svc", "/v1/reports/customers/{customer_id}"),
    },
)
