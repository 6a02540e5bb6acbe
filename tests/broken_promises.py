"""What breaks each promise of the schema, by constraint name, where only a person can say it; tried in
tests/test_constraints.py.
"""

from datetime import timedelta
from typing import Any

from tests.factories import NOW

Changes = dict[str, Any]

PARENT = object()
"""In a column: the id of a new row of the table that it refers to."""
ANOTHER = object()
"""The same, of a row that nothing else in it refers to."""
SAME = object()
"""In a column: what the row before has there."""
NOWHERE = object()
"""In a column: an id that no row has."""

HOUR = timedelta(hours=1)
LEADER = {"role": "team_leader", "team_id": PARENT, "organisation_id": None}
STAFFED = {
    "status": "accepted",
    "team_id": PARENT,
    "scheduled_start": NOW,
    "scheduled_end": NOW + HOUR,
}
CALLED = {"department_id": PARENT, "department_path": "/a/"}
ONCE = {"wanted_hash": "一"}
ENDED = {"check_out_at": NOW}
DECLARED = {"check_in_at": None, "declared_minutes": 30}

VALID: dict[str, Changes] = {
    "absence": {"appeal": "", "overturned": False},
    "attendance": {"check_in_at": NOW},
    "audit_chain": {"id": 7},
    "feed_position": {"id": 7},
    "menu_item": {"duration_minutes": 60},
    "notification": {"person_id": PARENT},
    "organisation": {"level": "center"},
    "recurring_order": {"window_minutes": 60},
    "reservation": {"ends_at": NOW + HOUR},
    "reveal": {"order_id": PARENT},
    "role_grant": {"role": "dispatcher", "organisation_id": PARENT},
    "service_order": {
        "duration_minutes": 60,
        "window_end": NOW + HOUR,
        "lat": 28.2,
        "lon": 112.98,
        "beneficiary_key": "0" * 64,
        "wish_must": False,
    },
    "team": {"weekly": "0" * 84},
    "team_exception": {"free": "0" * 12},
}
"""What makes a row of a table good, where any value of the right type does not."""

CHECKS: dict[str, list[Changes]] = {
    "ck_absence_appeal_has_words": [{"appealed_at": NOW}, {"appeal": "我们到了，无人应门"}],
    "ck_absence_overturned_by_decision": [{"overturned": True}],
    "ck_approval_decided_by_another": [{"state": "approved", "decided_by_id": PARENT, "decided_at": NOW}],
    "ck_approval_decided_by_somebody": [{"state": "approved", "decided_at": NOW}],
    "ck_approval_decided_when_decided": [{"state": "approved"}, {"state": "refused"}],
    "ck_attendance_minutes_positive": [{"verified_minutes": -1}, {"declared_minutes": -1}],
    "ck_attendance_proof_or_word": [{"check_in_at": None, "declared_minutes": 0}],
    "ck_audit_entry_chained_when_numbered": [{"seq": 10**12}, {"chain": "0" * 64}],
    "ck_complaint_answer_says_whether": [{"answered_at": NOW}, {"reopened": True}],
    "ck_content_check_attempts_not_negative": [{"attempts": -1}],
    "ck_content_check_decided_by_people": [{"decided_at": NOW}, {"state": "cleared"}, {"state": "refused"}],
    "ck_data_consent_guardian_named": [{"guardian_name": "陈某"}, {"guardian_phone": "13800000001"}],
    "ck_dispatch_plan_item_time_with_team": [{"team_id": PARENT}, {"starts_at": NOW}],
    "ck_follow_up_done_says_whether": [{"done_at": NOW}, {"satisfied": False}],
    "ck_menu_item_duration_15_720": [{"duration_minutes": 14}, {"duration_minutes": 721}],
    "ck_menu_item_people_1_200": [{"people": 0}, {"people": 201}],
    "ck_notification_attempts_not_negative": [{"attempts": -1}],
    "ck_notification_one_recipient": [{"person_id": None}, {"org_path": "/a/"}],
    "ck_organisation_center_is_root": [{"parent_id": PARENT}, {"level": "office"}],
    "ck_points_account_balance_not_negative": [{"balance": -1}],
    "ck_points_entry_amount_not_zero": [{"amount": 0}],
    "ck_recurring_order_watched_when_active": [{"next_at": NOW}, {"status": "active"}],
    "ck_recurring_order_window_15_1440": [{"window_minutes": 14}, {"window_minutes": 1441}],
    "ck_reservation_permille_0_10000": [{"permille": -1}, {"permille": 10_001}],
    "ck_reservation_time_forward": [{"ends_at": NOW}, {"ends_at": NOW - HOUR}],
    "ck_reveal_of_one": [{"order_id": None}, {"recurring_id": PARENT}],
    "ck_review_ratings_1_5": [
        {dimension: stars}
        for dimension in ("timeliness", "attitude", "quality", "resolution")
        for stars in (0, 6)
    ],
    "ck_role_grant_leader_of_team": [LEADER | {"role": "dispatcher"}, {"role": "team_leader"}],
    "ck_role_grant_one_scope": [{"organisation_id": None}, LEADER | {"organisation_id": PARENT}],
    "ck_sending_attempt_from_1": [{"attempt": 0}],
    "ck_service_order_beneficiary_key_64": [{"beneficiary_key": ""}, {"beneficiary_key": "0" * 63}],
    "ck_service_order_duration_15_720": [{"duration_minutes": 14}, {"duration_minutes": 721}],
    "ck_service_order_merged_into_one": [{"merged_into_id": PARENT}, {"status": "merged"}],
    "ck_service_order_must_of_wish": [{"wish_must": True, "wish_gender": None, "wish_language": None}],
    "ck_service_order_people_1_200": [{"people": 0}, {"people": 201}],
    "ck_service_order_place_when_on_site": [{"lat": None}, {"mode": "online"}],
    "ck_service_order_pool_when_pooled": [{"pool_path": "/a/"}, {"status": "pooled"}],
    "ck_service_order_rounds_not_negative": [{"wave": -1}, {"ring": -1}],
    "ck_service_order_schedule_forward": [STAFFED | {"scheduled_end": NOW}],
    "ck_service_order_schedule_with_team": [STAFFED | {"scheduled_start": None}, {"scheduled_start": NOW}],
    "ck_service_order_team_when_staffed": [STAFFED | {"status": "approved"}, {"status": "closed"}],
    "ck_service_order_time_in_recurring": [{"recurring_id": PARENT}, {"occurs_at": NOW}],
    "ck_service_order_window_forward": [{"window_end": NOW}],
    "ck_sign_in_attempt_failures_not_negative": [{"failures": -1}],
    "ck_subscription_remaining_0_1000": [{"remaining": -1}, {"remaining": 1001}],
    "ck_team_capacity_1_100": [{"capacity": 0}, {"capacity": 101}],
    "ck_team_exception_free_12": [{"free": "0" * 11}],
    "ck_team_price_permille_0_10000": [{"permille": -1}, {"permille": 10_001}],
    "ck_team_radius_positive": [{"radius_km": 0.0}],
    "ck_team_specialty_level_1_3": [{"level": 0}, {"level": 4}],
    "ck_team_standing_counts_not_negative": [
        {count: -1}
        for count in (
            *("asked", "accepted", "due", "on_time", "served", "released"),
            *("rating_sum", "ratings", "recent"),
        )
    ],
    "ck_team_standing_reliability_0_10000": [{"reliability": -1}, {"reliability": 10_001}],
    "ck_team_weekly_84": [{"weekly": "0" * 83}],
    "ck_volunteer_specialty_level_1_3": [{"level": 0}, {"level": 4}],
    "ck_webhook_failures_not_negative": [{"failures": -1}],
    "ck_whistle_department_has_path": [{"department_id": PARENT}, {"department_path": "/a/"}],
    "ck_whistle_department_reports": [{"reported_at": NOW, "can_help": True}],
    "ck_whistle_report_says_whether": [CALLED | {"reported_at": NOW}, CALLED | {"can_help": True}],
}

PARTIAL: dict[str, tuple[list[tuple[Changes, Changes]], list[Changes]]] = {
    "uq_approval_asked": ([(ONCE, ONCE)], [ONCE | {"state": "lapsed"}, ONCE | {"wanted_hash": "二"}]),
    "uq_attendance_declared": ([(DECLARED, DECLARED)], [{}, ENDED, ENDED]),
    "uq_attendance_open": ([({}, {})], [ENDED, ENDED, DECLARED]),
    "uq_complaint_open": ([({}, {})], [{"answered_at": NOW, "reopened": False}]),
    "uq_data_consent_in_force": ([({}, {})], [{"withdrawn_at": NOW}, {"withdrawn_at": NOW}]),
    "uq_offer_accepted": (
        [({"status": "accepted"}, {"status": "accepted", "team_id": PARENT})],
        [{"status": status, "team_id": PARENT} for status in ("open", "declined", "released", "lapsed")],
    ),
    "uq_offer_never_again": (
        [
            ({"status": "open"}, {"status": status})
            for status in ("open", "accepted", "declined", "released", "standby")
        ],
        [{"status": "lapsed"}, {"status": "lapsed"}, {"status": "recalled"}],
    ),
    "uq_offer_standby": (
        [({"status": "standby"}, {"status": "standby", "team_id": PARENT})],
        [{"status": status, "team_id": PARENT} for status in ("open", "accepted", "declined", "recalled")],
    ),
    "uq_points_account_issuer": ([({}, {})], [{"person_id": PARENT}, {"person_id": PARENT}]),
    "uq_points_account_person": ([({"person_id": PARENT}, {})], [{"person_id": None}]),
    "uq_role_grant_organisation": ([({}, {})], [LEADER]),
    "uq_role_grant_team": ([(LEADER, LEADER)], [{"role": "dispatcher", "team_id": None}]),
}
"""Two rows with the same key that a partial key forbids, and rows that it allows beside the first."""

KEYS: dict[str, Changes] = {
    "uq_audit_entry_seq": {"seq": 10**12, "chain": "0" * 64},
    "uq_order_event_position": {"position": 10**12},
    "uq_service_order_recurring_id_occurs_at": {"recurring_id": PARENT, "occurs_at": NOW},
}
"""What two rows must hold to have the same key, where any text will not do."""

REFERRING: dict[str, Changes] = {
    "fk_approval_decided_by_id": {"state": "approved", "decided_at": NOW},
    "fk_dispatch_plan_item_team_id": {"starts_at": NOW},
    "fk_organisation_parent_id": {"level": "office"},
    "fk_reveal_recurring_id": {"order_id": None},
    "fk_role_grant_team_id": LEADER,
    "fk_service_order_merged_into_id": {"status": "merged"},
    "fk_service_order_recurring_id": {"occurs_at": NOW},
    "fk_service_order_team_id": STAFFED,
    "fk_whistle_department_id": CALLED,
}
"""What else a row must hold before it may refer."""

UNKNOWN: dict[str, Changes] = {
    "ck_approval_approvalstate_known": {"decided_by_id": ANOTHER, "decided_at": NOW},
    "ck_organisation_orglevel_known": {"parent_id": PARENT},
}
"""What else a row must hold when a word in it is unknown."""
