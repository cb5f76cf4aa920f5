"""What can go wrong with tickets."""

from crm_platform.errors import Conflict


class TicketSettled(Conflict):
    """A settled ticket is a record; it is reopened first."""

    code = "ticket_settled"
    title, title_zh = "Ticket settled", "工单已办结"
    en = "The ticket is `{status}`; reopen it before you change it."
    zh = "工单状态为“{status}”，请先重新打开再修改。"
