"""What keeps a contact from speaking for a customer."""

from crm_platform.errors import Conflict


class UnknownContact(Conflict):
    """A decision is that of a contact who exists; news of a new one takes a moment to arrive here."""

    code = "unknown_contact"
    title, title_zh = "Unknown contact", "联系人不存在"
    en = "This service knows no contact with id {contact_id}; a new one becomes known within seconds."
    zh = "项目服务中没有联系人 {contact_id}；新建联系人会在数秒内同步。"


class ContactNotAtCustomer(Conflict):
    """Only somebody who is at the customer at present can decide in its name."""

    code = "contact_not_at_customer"
    title, title_zh = "Contact is not at the customer", "联系人不属于该客户"
    en = "The contact {contact_id} is not an active contact of the customer {customer_id}."
    zh = "联系人 {contact_id} 不是客户 {customer_id} 的在职联系人。"
