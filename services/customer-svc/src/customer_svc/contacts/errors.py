"""What can go wrong with contacts."""

from crm_platform.errors import Conflict


class CustomerOfContactMissing(Conflict):
    """A contact is somebody at a customer that exists."""

    code = "customer_of_contact_missing"
    title, title_zh = "Customer missing", "客户不存在"
    en = "There is no customer with id {customer_id}, or you may not see it."
    zh = "客户 {customer_id} 不存在，或您无权查看。"


class CustomerOfContactInPool(Conflict):
    """Contacts at a customer in the pool are hidden, so nobody links with it unseen."""

    code = "customer_of_contact_in_pool"
    title, title_zh = "Customer in the pool", "客户在公海中"
    en = "The customer {customer_id} is in the public pool; claim it before you link contacts with it."
    zh = "客户 {customer_id} 在公海中，请先领取再关联联系人。"


class AlreadyLinked(Conflict):
    """A contact is at a customer once."""

    code = "already_linked"
    title, title_zh = "Linked already", "已关联"
    en = "The contact is linked with customer {customer_id} already; change that link instead."
    zh = "该联系人已与客户 {customer_id} 关联，请修改已有的关联。"


class NotLinked(Conflict):
    """Only a link that is there can be changed."""

    code = "not_linked"
    title, title_zh = "Not linked", "未关联"
    en = "The contact is not linked with customer {customer_id}."
    zh = "该联系人未与客户 {customer_id} 关联。"


class CannotBePrimary(Conflict):
    """Whom to turn to first is somebody who can be reached there."""

    code = "cannot_be_primary"
    title, title_zh = "Cannot be primary", "不能设为主要联系人"
    en = "Only an active contact whose link with the customer has not ended can be the primary one."
    zh = "只有状态为在职且与客户的关联未结束的联系人才能设为主要联系人。"


class ContactInUse(Conflict):
    """A contact that other records name stays."""

    code = "contact_in_use"
    title, title_zh = "Contact in use", "联系人仍被引用"
    en = "Other records still name the contact, so it cannot be deleted; record that it has left instead."
    zh = "该联系人仍被其他记录引用，不能删除；请改为登记其已离职。"


class ContactAmbiguous(Conflict):
    """A row of a file is about one contact."""

    code = "contact_ambiguous"
    title, title_zh = "Several contacts", "联系人不唯一"
    en = "{number} contacts are called `{name}` and have this number or address; give the external id."
    zh = "有 {number} 个联系人名为“{name}”且号码或邮箱相同，请提供外部编号。"
