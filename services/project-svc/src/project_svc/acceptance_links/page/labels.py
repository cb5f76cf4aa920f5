"""What stands on the page behind a link for acceptance, in both languages."""

from collections.abc import Mapping
from typing import Final

from crm_platform.words import Words

LABELS: Final[Mapping[str, Words]] = {
    "title": Words("Acceptance of version {number}", "第 {number} 版验收"),
    "asked": Words("Decision by", "验收人"),
    "submitted": Words("Submitted", "提交时间"),
    "due": Words("Agreed date", "约定交付日期"),
    "expires": Words("Link works until", "链接有效期至"),
    "deemed": Words("Counts as accepted after", "逾期视同验收"),
    "fingerprint": Words("Fingerprint (SHA-256)", "内容指纹（SHA-256）"),
    "handed_over": Words("What is handed over", "提交内容"),
    "evidence": Words("Evidence", "验收依据"),
    "criteria": Words("Acceptance criteria", "验收标准"),
    "none": Words("None were agreed.", "未约定验收标准。"),
    "nothing": Words("Nothing but the delivery itself.", "除交付物本身外没有其他材料。"),
    "criterion": Words("Criterion", "标准"),
    "finding": Words("Finding", "结论"),
    "pending": Words("Not judged", "未评定"),
    "met": Words("Met", "满足"),
    "not_met": Words("Not met", "未满足"),
    "remark": Words("Comment on criterion {id}", "对标准 {id} 的说明"),
    "decision": Words("Your decision", "验收结论"),
    "verdict": Words("Decision", "验收结论"),
    "accepted": Words("Accept", "验收通过"),
    "conditionally_accepted": Words("Accept with open points", "有条件验收（保留遗留问题）"),
    "rejected": Words("Reject", "拒绝验收"),
    "as_accepted": Words("All criteria that are not judged count as met.", "未评定的标准视为满足。"),
    "as_conditional": Words("The points below are still to be done.", "下列遗留问题须按期解决。"),
    "as_rejected": Words("Say in the comment why.", "请在说明中填写原因。"),
    "comment": Words("Comment", "说明"),
    "points": Words("Open points", "遗留问题"),
    "more": Words("More open points", "更多遗留问题"),
    "point": Words("Open point {number}", "遗留问题 {number}"),
    "point_due": Words("To be done by", "完成期限"),
    "once": Words("You decide once; it goes on record in your name.", "验收结论只能提交一次，并以您的名义记录在案。"),
    "send": Words("Submit the decision", "提交验收结论"),
    "decided": Words("Your decision is on record. Thank you.", "您的验收结论已记录，感谢您的确认。"),
    "decided_at": Words("Decided", "验收时间"),
    "was_accepted": Words("Accepted", "验收通过"),
    "was_conditionally_accepted": Words("Accepted with open points", "有条件验收"),
    "was_rejected": Words("Rejected", "拒绝验收"),
    "over": Words(
        "This version is no longer to be decided about: that was done otherwise, or it was replaced or withdrawn.",
        "该版本已无需验收：已另行作出结论，或已被新版本取代、撤回。",
    ),
    "wrong": Words("Nothing has been recorded yet. Please correct this:", "尚未记录任何结论，请更正以下内容："),
    "refused": Words("Your decision could not be recorded:", "未能记录您的结论："),
    "no_link": Words("This link opens nothing", "此链接无法打开"),
    "no_link_why": Words(
        "It may be incomplete, have expired, or have been withdrawn. Please copy it once more in full, or ask whoever "
        "sent it to you for a new one.",
        "链接可能不完整、已过期或已撤回。请重新完整复制链接，或向发送人索取新的链接。",
    ),
    "failed": Words("This did not work", "操作未成功"),
}

REFUSALS: Final[Mapping[str, tuple[str, Words]]] = {
    "reason_missing": (
        "comment",
        Words("Say in the comment why you reject.", "拒绝验收须在说明中填写原因。"),
    ),
    "open_points_unfit": (
        "points",
        Words(
            "Open points belong to “Accept with open points”, which needs at least one, and to no other decision.",
            "选择“有条件验收”时须至少填写一项遗留问题；其他结论不得填写遗留问题。",
        ),
    ),
    "criteria_not_met": (
        "verdict",
        Words(
            "Criteria that are not met cannot be accepted as they are: accept with open points, or reject.",
            "存在未满足的验收标准，不能直接通过：请选择有条件验收或拒绝验收。",
        ),
    ),
    "invalid_transition": (
        "",
        Words("A decision was made by this link before; it stands below.", "此链接已提交过验收结论，结论如下。"),
    ),
    "version_moved_on": (
        "",
        Words("This version is no longer to be decided about.", "该版本已无需验收。"),
    ),
}
"""Refusals in the words of the page, each with the field that it is about."""
