"""What waits for the caller: the first screen after sign-in."""

from crm_platform.http.route import SIGNED_IN
from gateway.compose.view import View, newest

HOME = View(
    name="Home",
    path="/home",
    scope=SIGNED_IN,
    members={
        "opportunities": newest(
            "sales-svc",
            "/v1/opportunities",
            "owner_id == '{caller_id}' && stage in ['prospecting', 'engaging']",
            count="exact",
        ),
        "tickets": newest(
            "service-desk-svc",
            "/v1/tickets",
            "assignee_id == '{caller_id}' && status in ['new', 'assigned']",
            count="exact",
        ),
        "risks": newest(
            "project-svc", "/v1/risks", "owner_id == '{caller_id}' && exceeded && status != 'closed'", count="exact"
        ),
    },
)
