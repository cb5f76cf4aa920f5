"""What can go wrong with the pool."""

from crm_platform.errors import Conflict


class AlreadyClaimed(Conflict):
    """Somebody else was faster, or the customer never was in the pool."""

    code = "already_claimed"
    title, title_zh = "Already claimed", "客户已被领取"
    en = "The customer {id} is not in the public pool any more; somebody has claimed it."
    zh = "客户 {id} 已不在公海中，已有人领取。"


class AlreadyInPool(Conflict):
    """What nobody owns cannot be released."""

    code = "already_in_pool"
    title, title_zh = "In the pool already", "客户已在公海"
    en = "The customer {id} is in the public pool already."
    zh = "客户 {id} 已在公海中。"


class OnlyPeopleClaim(Conflict):
    """A customer belongs to a person."""

    code = "only_people_claim"
    title, title_zh = "Only people claim", "仅限人员领取"
    en = "Only a person who has signed in can claim a customer; other systems set `owner_id`."
    zh = "只有登录的人员可以领取客户；其他系统请设置 owner_id。"


class TooManyOwned(Conflict):
    """A person owns as many customers as the rule allows."""

    code = "too_many_owned"
    title, title_zh = "Capacity reached", "已达客户上限"
    en = "You own {owned} customers, and the rule allows {limit}; release some before you claim more."
    zh = "您已拥有 {owned} 个客户，上限为 {limit} 个；请先释放部分客户。"


class TooManyClaims(Conflict):
    """A person has claimed as many customers in one day as the rule allows."""

    code = "too_many_claims"
    title, title_zh = "Claims of the day used up", "今日领取次数已用完"
    en = "You have claimed {limit} customers on {day} ({time_zone}), which is all that the rule allows in a day."
    zh = "您在 {day}（{time_zone}）已领取 {limit} 个客户，达到每日上限。"
