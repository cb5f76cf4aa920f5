"""What can go wrong with requests for access."""

from crm_platform.errors import Conflict, DomainError, Forbidden


class NobodyToTellOf(Conflict):
    """Told of are people: customers that are persons, and contacts."""

    code = "nobody_to_tell_of"
    title, title_zh = "Nobody to tell of", "没有可查阅的个人"
    en = "There is no {kind} {id} that is a person, or you may not see it."
    zh = "没有属于个人的{kind} {id}，或您无权查看。"


class AskedAlready(Conflict):
    """One request about a person is under way at a time."""

    code = "asked_already"
    title, title_zh = "Asked already", "已在查阅中"
    en = "What is known of {id} is being collected: see the request that is running."
    zh = "{id} 的个人信息正在汇总，请查看正在进行的请求。"


class BundleNotReady(Conflict):
    """There is a bundle once all services have answered."""

    code = "bundle_not_ready"
    title, title_zh = "Not ready", "尚未就绪"
    en = "The bundle is not ready: {missing} have not answered yet."
    zh = "信息包尚未就绪：{missing} 尚未答复。"


class BundleExpired(DomainError):
    """A bundle is kept for some days."""

    status, code = 410, "bundle_expired"
    title, title_zh = "Expired", "已过期"
    en = "What was collected of {id} was destroyed; ask again."
    zh = "{id} 的汇总信息已销毁，请重新申请。"


class NotForYou(Forbidden):
    """A bundle is for whoever has asked for it."""

    code = "bundle_of_another"
    title, title_zh = "Somebody else has asked", "由他人申请"
    en = "The bundle is for {actor}, who has asked for it; ask for one of your own."
    zh = "该信息包由 {actor} 申请，仅供其下载；如有需要请自行申请。"
