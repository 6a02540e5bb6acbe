"""What is said about an order, or about the work of a desk, without the order having moved.

A reminder is a notice due later: nobody sees it before, and it is voided when its order moves first.
"""

from enum import StrEnum

from app.domain.lifecycle import Action
from app.domain.notices import NOTICES, Audience


class Reminder(StrEnum):
    """Stands in the same column as Action, so no value may be an action's too."""

    ASK_CONFIRM = "ask_confirm"
    """T-24h: the team is asked to say again that it comes."""
    TOMORROW = "tomorrow"
    LAST_CALL = "last_call"
    """T-2h: to those who will meet."""
    UNCONFIRMED = "unconfirmed"
    LATE_PROOF = "late_proof"
    APPEALED = "appealed"
    DECIDED = "decided"
    EXCUSED = "excused"
    ANSWERED = "answered"
    COMPLAINT_DUE = "complaint_due"
    FOLLOW_UP_DUE = "follow_up_due"
    DIGEST = "digest"
    WEBHOOK_STOPPED = "webhook_stopped"
    SERIES_WANTED = "series_wanted"
    SERIES_APPROVED = "series_approved"
    SERIES_REFUSED = "series_refused"
    SERIES_ENDED = "series_ended"
    SERIES_CHANGED = "series_changed"
    SERIES_MISSED = "series_missed"
    CONTENT_HELD = "content_held"
    CONTENT_REFUSED = "content_refused"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_GIVEN = "approval_given"
    APPROVAL_REFUSED = "approval_refused"
    APPROVAL_LAPSED = "approval_lapsed"


_R, _S, _T, _C = Audience.RESIDENT, Audience.STAFF, Audience.TEAM, Audience.CREW

REMINDERS: dict[Reminder, dict[Audience, str]] = {
    Reminder.ASK_CONFIRM: {_T: "“{title}”约在{reason}，请确认能按约前往"},
    Reminder.TOMORROW: {
        _R: "“{title}”约在{reason}，请留人在家",
        _T: "“{title}”约在{reason}，请提前安排",
        _C: "您参加的服务“{title}”约在{reason}",
    },
    Reminder.LAST_CALL: {
        _R: "志愿服务队将在{reason}上门：“{title}”",
        _T: "“{title}”将在{reason}开始，请按时到达并签到",
        _C: "“{title}”将在{reason}开始，请按时到达并签到",
    },
    Reminder.UNCONFIRMED: {
        _S: "“{title}”的服务队尚未确认前往（{reason}），请联系",
        _T: "“{title}”约在{reason}，仍未确认，请尽快确认或说明不能前往",
    },
    Reminder.LATE_PROOF: {
        _S: "“{title}”补传的签到证明服务队当时已到，爽约记录已撤销：{reason}",
        _T: "“{title}”补传的签到证明贵队当时已到，爽约记录已撤销",
    },
    Reminder.APPEALED: {_S: "服务队就“{title}”的爽约记录申诉：{reason}"},
    Reminder.DECIDED: {_T: "“{title}”的爽约记录已有决定：{reason}"},
    Reminder.EXCUSED: {_T: "“{title}”的退单：{reason}"},
    Reminder.ANSWERED: {_R: "您反映的“{title}”已有答复：{reason}"},
    Reminder.COMPLAINT_DUE: {_S: "居民对“{title}”的反映即将到期：{reason}"},
    Reminder.FOLLOW_UP_DUE: {_S: "“{title}”应当回访：{reason}"},
    Reminder.DIGEST: {_S: "今日待办：{reason}"},
    Reminder.SERIES_WANTED: {_S: "有新的长期点单“{title}”，请审核"},
    Reminder.SERIES_APPROVED: {_R: "您的长期点单“{title}”已受理，到期前会逐次为您安排"},
    Reminder.SERIES_REFUSED: {_R: "您的长期点单“{title}”未能受理：{reason}"},
    Reminder.SERIES_ENDED: {
        _R: "您的长期点单“{title}”已停止：{reason}",
        _S: "长期点单“{title}”已停止：{reason}",
    },
    Reminder.SERIES_CHANGED: {_S: "长期点单“{title}”有新的一次，与当初不同：{reason}，请查看"},
    Reminder.SERIES_MISSED: {_S: "长期点单“{title}”有一次未能及时安排（{reason}），请联系居民"},
    Reminder.CONTENT_HELD: {
        _R: "您在“{title}”中填写的{reason}需由工作人员查看，请稍候",
        _S: "“{title}”中的{reason}有待人工查看",
    },
    Reminder.CONTENT_REFUSED: {_R: "您在“{title}”中填写的{reason}未予采用，如有疑问请联系实践中心"},
    Reminder.APPROVAL_ASKED: {_S: "有申请等待您审批：{title}"},
    Reminder.APPROVAL_GIVEN: {_S: "您的申请“{title}”已获同意"},
    Reminder.APPROVAL_REFUSED: {_S: "您的申请“{title}”未获同意，请查看说明"},
    Reminder.APPROVAL_LAPSED: {_S: "您的申请“{title}”无人审批，已过期"},
    Reminder.WEBHOOK_STOPPED: {_S: "事件推送已停用：{reason}，请检查接收方后重新启用"},
}


def words(kind: str, audience: str, title: str, reason: str) -> str:
    """The Chinese sentence of a notice of any kind, an action's or a reminder's. Raises ValueError.

    A notice outlives the version that wrote it: where its audience hears nothing of the kind any more, it is told
    what the others are.
    """
    told = NOTICES[Action(kind)] if kind in set(Action) else REMINDERS[Reminder(kind)]
    sentence = told.get(Audience(audience)) or next(iter(told.values()), "“{title}”有新的进展")
    return sentence.format(title=title, reason=reason)
