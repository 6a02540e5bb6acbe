"""Who hears of which move, and in what words."""

from enum import StrEnum

from app.domain.lifecycle import Action


class Audience(StrEnum):
    RESIDENT = "resident"
    STAFF = "staff"
    TEAM = "team"
    CREW = "crew"
    ASKED = "asked"
    """The other teams that were being asked."""
    INSTEAD = "instead"
    """The team that is asked instead of the one that had accepted."""


_R, _S, _T, _C, _A, _I = Audience

NOTICES: dict[Action, dict[Audience, str]] = {
    Action.SUBMIT: {_S: "有新的点单“{title}”，请审核"},
    Action.APPROVE: {_R: "您的点单“{title}”已受理，正在安排志愿服务队"},
    Action.REJECT: {_R: "您的点单“{title}”未能受理：{reason}"},
    Action.RESCHEDULE: {_R: "您的点单“{title}”已改期", _S: "“{title}”已改期"},
    Action.MERGE: {
        _R: "您的点单“{title}”与同一需求合并办理，进展会一并告知您",
        _A: "“{title}”已与同一需求合并办理，不再需要候补",
    },
    Action.JOIN: {},
    Action.AUTOMATE: {},
    Action.SUGGEST: {_S: "“{title}”{reason}，请确认派单"},
    Action.TAKE_OVER: {_S: "“{title}”转由工作人员派单：{reason}"},
    Action.DISPATCH: {_A: "有新的派单“{title}”，请在时限内接单或说明原因"},
    Action.WIDEN: {_A: "有新的派单“{title}”，请在时限内接单或说明原因"},
    Action.OPEN_POOL: {},
    Action.WIDEN_POOL: {},
    Action.ESCALATE: {_S: "“{title}”已吹哨上报，请协调力量"},
    Action.REPORT: {_S: "责任部门已就“{title}”报到：{reason}"},
    Action.UNREPORTED: {_S: "责任部门未在时限内就“{title}”报到"},
    Action.OVERDUE: {_S: "“{title}”已超过办理时限，请尽快处理", _T: "“{title}”已超过办理时限，请尽快结项"},
    Action.GIVE_UP: {
        _R: "很抱歉，您的点单“{title}”暂时未能满足：{reason}",
        _A: "“{title}”不再需要贵队候补",
    },
    Action.ACCEPT: {_R: "已有志愿服务队接下您的点单“{title}”", _A: "“{title}”已由其他队伍承接，感谢您的关注"},
    Action.DECLINE: {_S: "“{title}”被谢绝：{reason}，请另行派单"},
    Action.LAPSE: {_S: "“{title}”在时限内无人接单，请另行派单"},
    Action.RECALL: {_A: "派单“{title}”已收回"},
    Action.CLAIM: {_R: "已有志愿服务队接下您的点单“{title}”"},
    Action.ASK_STANDBY: {_A: "“{title}”已由其他队伍承接，约在{reason}，可否候补？"},
    Action.STAND_BY: {_S: "“{title}”已有候补队伍", _A: "“{title}”已有其他队伍候补，感谢您的关注"},
    Action.STAND_DOWN: {_S: "“{title}”的候补队伍不再候补：{reason}"},
    Action.CONFIRM: {_R: "志愿服务队已确认按约前来：“{title}”"},
    Action.NAME_CREW: {_C: "您已被安排参加服务“{title}”"},
    Action.START: {_R: "志愿者已到达，“{title}”开始服务", _A: "“{title}”已开始服务，感谢贵队候补"},
    Action.RELEASE: {
        _S: "“{title}”的服务队无法前往：{reason}，请另行派单",
        _R: "“{title}”正在为您另行安排服务队",
        _A: "“{title}”不再需要贵队候补",
    },
    Action.POSTPONE: {
        _R: "“{title}”改到新的时间：{reason}",
        _T: "“{title}”改到新的时间：{reason}",
        _C: "“{title}”改到新的时间：{reason}",
        _A: "贵队候补的“{title}”改到新的时间：{reason}",
        _S: "“{title}”改到新的时间：{reason}",
    },
    Action.MISS: {
        _S: "“{title}”约定时间已过，服务队未到：{reason}",
        _T: "“{title}”约定时间已过而未签到，已记为爽约，如有异议可申诉",
        _C: "“{title}”约定时间已过而无人签到，已另行安排",
        _R: "很抱歉，“{title}”的服务队未按约到达，正在为您另行安排",
        _A: "“{title}”不再需要贵队候补",
    },
    Action.RELIEVE: {
        _T: "“{title}”临近约定时间仍未确认，已请候补队伍前往，不记爽约",
        _C: "“{title}”已由其他队伍前往，您不必再去",
        _A: "“{title}”不再需要贵队候补",
    },
    Action.PROMOTE: {
        _R: "“{title}”由候补服务队前来",
        _T: "“{title}”原定队伍不能前往，请贵队按约候补前往",
        _S: "“{title}”已由候补队伍接替",
    },
    Action.REASSIGN: {
        _T: "“{title}”已改派其他服务队",
        _I: "有新的派单“{title}”，请在时限内接单或说明原因",
        _A: "“{title}”不再需要贵队候补",
    },
    Action.DELIVER: {_R: "“{title}”已服务完毕，请您评价"},
    Action.REVIEW: {_T: "居民评价了“{title}”"},
    Action.CLOSE: {},
    Action.COMPLAIN: {_S: "居民反映“{title}”有问题：{reason}"},
    Action.REOPEN: {_T: "“{title}”因居民反映问题被退回，请继续服务", _R: "您反映的“{title}”已重新办理"},
    Action.CANCEL: {
        _R: "您的点单“{title}”已取消：{reason}。如仍需要，请重新点单",
        _T: "“{title}”已取消",
        _A: "“{title}”已取消",
        _C: "“{title}”已取消",
    },
    Action.URGE: {_S: "居民催办“{title}”"},
    Action.CORRECT: {
        _T: "“{title}”的{reason}已更正，请重新查看",
        _C: "“{title}”的{reason}已更正，请重新查看",
    },
}

OWN_DEEDS = frozenset({Action.CANCEL, Action.RESCHEDULE})
"""Whoever does these is not told of it: the others are, such as those whose orders were merged into this one."""


def sentence(action: Action, audience: Audience, title: str, reason: str) -> str:
    """The Chinese sentence for one recipient; `reason` is dropped where the sentence has no place for it."""
    return NOTICES[action][audience].format(title=title, reason=reason)
