"""What can go wrong with communications."""

from crm_platform.errors import Conflict


class UnknownCustomer(Conflict):
    """A communication is always with a customer that exists."""

    code = "unknown_customer"
    title, title_zh = "Unknown customer", "客户不存在"
    en = "There is no customer with id {customer_id}, or you may not see it."
    zh = "客户 {customer_id} 不存在，或您无权查看。"


class CustomerNotNamed(Conflict):
    """A message of another system names the customer by our id or by its own; this one does neither."""

    code = "customer_not_named"
    title, title_zh = "Customer not named", "未指明客户"
    en = "The message names no customer that we know: neither by our id nor by an id of system `{system}`."
    zh = "消息未指明我方已知的客户：既无我方编号，也无系统“{system}”的编号。"


class ChannelDoesNotFit(Conflict):
    """Nobody visits by e-mail."""

    code = "channel_does_not_fit"
    title, title_zh = "Channel does not fit", "沟通渠道不符"
    en = "A communication of the kind `{kind}` does not go by `{channel}`; possible: {possible}."
    zh = "“{kind}”类沟通不能通过“{channel}”进行；可用：{possible}。"


class FollowUpTooEarly(Conflict):
    """What comes next comes after the communication."""

    code = "follow_up_too_early"
    title, title_zh = "Follow-up too early", "跟进时间过早"
    en = "A follow-up cannot be due at {due_at}, before the communication at {happened_at}."
    zh = "跟进时间 {due_at} 不能早于沟通时间 {happened_at}。"


class NoFollowUp(Conflict):
    """There is nothing that could be done or dropped."""

    code = "no_follow_up"
    title, title_zh = "No follow-up", "没有待跟进事项"
    en = "No follow-up is planned for this communication."
    zh = "此沟通记录没有计划跟进事项。"
