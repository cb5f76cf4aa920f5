"""What can go wrong with contracts."""

from crm_platform.errors import Conflict, DomainError


class TermsFixed(Conflict):
    """What was approved or signed stays as it is."""

    code = "terms_fixed"
    title, title_zh = "Terms fixed", "合同条款已确定"
    en = "The contract is `{status}`, so its terms can no longer be changed: {fields}. An approved one can be returned."
    zh = "合同处于“{status}”状态，条款不能再修改：{fields}。已审批的合同可先退回。"


class OwnContract(DomainError):
    """Nobody approves what they have written."""

    status, code = 403, "own_contract"
    title, title_zh = "Your own contract", "不能审批自己拟定的合同"
    en = "The terms of this contract are yours, so somebody else has to approve them."
    zh = "该合同条款由您拟定，须由他人审批。"


class NeededToSign(Conflict):
    """Nothing is signed without an amount and without names under it."""

    code = "needed_to_sign"
    title, title_zh = "Missing for the signature", "签署信息不全"
    en = "The contract cannot be signed without: {fields}."
    zh = "合同缺少以下信息，无法签署：{fields}。"


class SignedInFuture(Conflict):
    """A signature is reported when it was given, not before."""

    code = "signed_in_future"
    title, title_zh = "Signed in the future", "签署日期尚未到来"
    en = "The contract cannot have been signed on {signed_on}, which is still to come."
    zh = "签署日期 {signed_on} 尚未到来。"


class EndedBeforeSigned(Conflict):
    """A contract cannot end before it was made."""

    code = "ended_before_signed"
    title, title_zh = "Ended before signed", "终止日期早于签署日期"
    en = "The contract cannot end on {ended_on}: it was signed on {signed_on}."
    zh = "合同不能在 {ended_on} 终止：签署日期为 {signed_on}。"


class ValidityReversed(Conflict):
    """A contract ends after it begins."""

    code = "validity_reversed"
    title, title_zh = "Ends before it begins", "有效期起止颠倒"
    en = "The contract would be valid from {valid_from} until {valid_until}."
    zh = "合同有效期的截止日 {valid_until} 早于起始日 {valid_from}。"


class UnknownOpportunity(Conflict):
    """The opportunity does not exist, or not for this caller."""

    code = "unknown_opportunity"
    title, title_zh = "Unknown opportunity", "商机不存在"
    en = "There is no opportunity with id {opportunity_id}."
    zh = "商机 {opportunity_id} 不存在。"


class OtherCustomer(Conflict):
    """A contract is made with whom the opportunity is about."""

    code = "other_customer"
    title, title_zh = "Other customer", "客户不一致"
    en = "The opportunity {opportunity_id} is not known to be about the customer {customer_id}; name both, or neither."
    zh = "商机 {opportunity_id} 与客户 {customer_id} 不一致；请同时指定两者，或都不指定。"
