"""What can go wrong between systems."""

from crm_platform.errors import Conflict


class NamelessCustomer(Conflict):
    """Another system tells of a customer that we do not know, without its name."""

    code = "nameless_customer"
    title, title_zh = "Customer without a name", "客户缺少名称"
    en = "System `{system}` changed its customer `{external_id}`, which is not known here, and did not send a name."
    zh = "系统“{system}”修改了本系统未知的客户“{external_id}”，且未提供名称。"
