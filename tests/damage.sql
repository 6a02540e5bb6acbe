-- What tests/test_verify.py plants, with every guard off. Each block breaks the one rule that is its heading
-- and no other; `:name` is the id of somebody, something, or of the order that stands in that state.

-- transfer_balanced
-- the issuer's side of two transfers changes places, so that every other sum stays as it was
UPDATE points_entry SET amount = amount - 7
 WHERE account_id IN (SELECT id FROM points_account WHERE person_id IS NULL)
   AND transfer_id IN (SELECT id FROM points_transfer WHERE order_id = :closed);
UPDATE points_entry SET amount = amount + 7
 WHERE account_id IN (SELECT id FROM points_account WHERE person_id IS NULL)
   AND transfer_id IN (SELECT id FROM points_transfer WHERE order_id = :other_closed);

-- center_balanced
UPDATE points_account SET center_id = :other_center WHERE person_id IS NULL;

-- balance_cached
UPDATE points_account SET balance = balance + 1 WHERE person_id = :volunteer;

-- issuer_balance
UPDATE points_account SET balance = 3 WHERE person_id IS NULL;

-- credit_without_order
UPDATE points_transfer SET order_id = NULL WHERE order_id = :closed;

-- credit_unclosed
UPDATE points_transfer SET order_id = :in_service WHERE order_id = :closed;

-- credit_unserved
UPDATE attendance SET verified_minutes = 0 WHERE order_id = :closed AND person_id = :volunteer;

-- credit_elsewhere
UPDATE points_account SET center_id = :other_center;

-- credit_cap
UPDATE points_entry SET amount = 20 * amount
 WHERE transfer_id IN (SELECT id FROM points_transfer WHERE order_id = :closed);
UPDATE points_account SET balance = (SELECT sum(amount) FROM points_entry WHERE account_id = points_account.id)
 WHERE person_id IS NOT NULL;

-- offer_behind_team
UPDATE offer SET team_id = :other_team WHERE order_id = :accepted;

-- offer_accepted_in_vain
UPDATE offer SET status = 'accepted' WHERE order_id = :cancelled;

-- offer_missing
UPDATE offer SET status = 'lapsed', answered_at = '2026-11-23 01:00:00' WHERE order_id = :offered;

-- offer_open_in_vain
UPDATE offer SET status = 'open', answered_at = NULL WHERE order_id = :cancelled;

-- offer_standby_in_vain
UPDATE offer SET status = 'standby', standby = TRUE WHERE order_id = :cancelled;

-- offer_answered_at
UPDATE offer SET answered_at = NULL WHERE order_id = :pooled;

-- offer_receipt_broken
UPDATE offer SET receipt = :receipt WHERE order_id = :offered;

-- event_numbers
UPDATE order_event SET seq = seq + 1 WHERE order_id = :closed AND action = 'review';

-- event_first
-- an order that is placed twice
INSERT INTO order_event (id, created_at, order_id, seq, action, to_status, actor_id, actor_role, reason, data)
SELECT order_id, created_at, order_id, 2, action, to_status, actor_id, actor_role, reason, data
  FROM order_event WHERE order_id = :submitted;
UPDATE service_order SET version = 2 WHERE id = :submitted;

-- event_chain
UPDATE order_event SET from_status = 'in_service', to_status = 'in_service'
 WHERE order_id = :closed AND action = 'name_crew';

-- event_legal
UPDATE order_event SET action = 'decline' WHERE order_id = :closed AND action = 'accept';

-- event_actor
UPDATE order_event SET actor_role = 'supervisor' WHERE order_id = :closed AND action = 'accept';

-- event_last
UPDATE service_order SET status = 'closed' WHERE id = :delivered;

-- schedule
UPDATE service_order SET window_start = scheduled_end, window_end = '2027-01-01 01:00:00' WHERE id = :accepted;

-- attendance_crew
DELETE FROM crew_member WHERE order_id = :closed AND person_id = :volunteer;

-- attendance_started
UPDATE attendance SET order_id = :accepted WHERE order_id = :in_service;

-- minutes_verified
UPDATE attendance SET verified_minutes = 151, check_out_at = '2026-11-28 04:00:00'
 WHERE order_id = :closed AND person_id = :volunteer;

-- minutes_proven
UPDATE attendance SET verified_minutes = 121 WHERE order_id = :closed AND person_id = :volunteer;

-- minutes_disproved
UPDATE attendance SET marks = '["late", "no_place"]' WHERE order_id = :closed AND person_id = :volunteer;

-- minutes_declared
UPDATE attendance SET declared_minutes = 121 WHERE order_id = :closed AND person_id = :helper;

-- delivery_told
DELETE FROM delivery WHERE order_id = :delivered;

-- review_told
DELETE FROM review WHERE order_id = :closed;

-- review_of_delivery
UPDATE review SET reviewed_by_id = :neighbour WHERE order_id = :closed;

-- absence_told
INSERT INTO absence (id, created_at, order_id, team_id, org_path, scheduled_start, reason, appeal, decision, overturned)
SELECT :submitted, created_at, id, :team, org_path, window_start, '', '', '', FALSE
  FROM service_order WHERE id = :closed;

-- complaint_told
INSERT INTO complaint (id, created_at, order_id, org_path, made_by_id, words, due_at, answer)
SELECT :submitted, created_at, id, org_path, :resident, '没有擦完', window_end, ''
  FROM service_order WHERE id = :closed;

-- follow_up_owed
UPDATE review SET attitude = 2 WHERE order_id = :closed;

-- clock_waits
UPDATE service_order SET step_at = NULL WHERE id = :accepted;

-- clock_idle
UPDATE service_order SET step_at = '2026-11-23 01:00:00' WHERE id = :closed;

-- risk_before_due
UPDATE service_order SET risk_at = '2099-11-23 01:00:00' WHERE id = :submitted;

-- notice_voided
UPDATE notification SET voided_at = '2026-11-23 01:00:00', send_at = '2026-11-23 01:00:00' WHERE person_id = :leader;

-- whistle_told
UPDATE order_event SET data = '{}' WHERE order_id = :unmet AND action = 'escalate';

-- whistle_missing
UPDATE order_event SET actor_role = 'system', actor_id = NULL WHERE action = 'escalate';
DELETE FROM whistle WHERE department_id IS NULL;

-- whistle_place
UPDATE whistle SET department_path = '/' WHERE department_id IS NOT NULL;

-- report_told
UPDATE whistle SET reported_at = NULL, can_help = NULL;

-- gap_of_unmet
UPDATE gap SET order_id = :cancelled;

-- merged_into_living
UPDATE service_order SET merged_into_id = id WHERE id = :merged;

-- feed_positions
UPDATE feed_position SET last = last + 1;

-- webhook_ahead
INSERT INTO webhook (id, created_at, organisation_id, org_path, url, secret, actions, active, made_by_id, position,
  next_at, failures, last_error)
SELECT id, created_at, id, path, '', '', '[]', TRUE, :leader, 1000000, created_at, 0, '' FROM organisation
 WHERE id = :station;

-- organisation_path
UPDATE organisation SET code = 'elsewhere' WHERE id = :station;

-- org_path
UPDATE team SET org_path = '/' WHERE id = :team;

-- path_of_order
UPDATE follow_up SET org_path = '/';

-- of_center
UPDATE menu_item SET center_id = :station WHERE id = :rescue;

-- beneficiary_of_order
UPDATE beneficiary SET org_path = '/';

-- block_of_order
UPDATE team_block SET beneficiary_key = 'of nobody';

-- handler_above
UPDATE service_order SET handler_id = :other_center WHERE id = :submitted;

-- menu_of_center
UPDATE menu_item SET center_id = :other_center, code = 'moved' WHERE id = :cleaning;

-- notice_path
UPDATE notification SET org_path = '/nowhere/' WHERE org_path IS NOT NULL;

-- answer_kept
UPDATE idempotency_record SET status_code = 0;

-- media_stage
INSERT INTO media (id, created_at, owner_id, order_id, storage_key, content_type, size, width, height, sha256)
VALUES (:resident, '2026-11-23 01:00:00', :resident, :submitted, 'key', 'image/png', 1, 1, 1, '');

-- crew_with_team
INSERT INTO crew_member (id, created_at, order_id, person_id)
VALUES (:submitted, '2026-11-23 01:00:00', :submitted, :volunteer);

-- policy_valid
UPDATE organisation SET policy = '{"points": {"cap_per_order": -1}}' WHERE id = :office;

-- fk_role_grant_team_id
UPDATE role_grant SET team_id = :nobody WHERE person_id = :leader;

-- fk_notification_person_id
UPDATE notification SET person_id = :nobody WHERE person_id = :resident AND order_id = :closed;

-- ck_service_order_people_1_200
UPDATE service_order SET people = 0 WHERE id = :submitted;

-- uq_offer_never_again
-- PostgreSQL and SQLite both let an index go
DROP INDEX uq_offer_never_again;
UPDATE offer SET status = 'declined', order_id = :pooled WHERE order_id = :cancelled;

-- roles_apart
UPDATE role_grant SET person_id = :auditor WHERE person_id = :admin;

-- contacts_emptied
UPDATE service_order SET contacts_emptied_at = created_at WHERE id = :closed;

-- beneficiary_emptied
-- the order is emptied as it should be, and whom it was for stays readable
UPDATE service_order SET contacts_emptied_at = created_at, contact_phone = '', address = '' WHERE id = :other_closed;

-- look_twice
INSERT INTO reveal (id, created_at, order_id, person_id, role, reason)
SELECT p.id, p.created_at, :closed, :dispatcher, 'dispatcher', '' FROM person p WHERE p.id IN (:leader, :volunteer);

-- series_look_twice
INSERT INTO recurring_order (id, created_at, organisation_id, org_path, placed_by_id, title, wanted, rule, first_start,
  window_minutes, time_zone, on_holiday, status, reason)
SELECT id, created_at, organisation_id, org_path, placed_by_id, title, '', '', created_at, 60, '', 'keep', 'ended', ''
  FROM service_order WHERE id = :closed;
INSERT INTO reveal (id, created_at, recurring_id, person_id, role, reason)
SELECT p.id, p.created_at, :closed, :dispatcher, 'dispatcher', '' FROM person p WHERE p.id IN (:leader, :volunteer);

-- look_approved
-- the yes was for another order
INSERT INTO approval (id, created_at, kind, state, org_path, subject_id, wanted, reason, asked_by_id, expires_at,
  decided_by_id, decided_at, note)
SELECT :closed, created_at, 'minor', 'approved', '/', :submitted, '', '', :dispatcher, created_at, :supervisor,
  created_at, '' FROM service_order WHERE id = :closed;
INSERT INTO reveal (id, created_at, order_id, person_id, role, approval_id, reason)
SELECT id, created_at, id, :dispatcher, 'dispatcher', id, '' FROM service_order WHERE id = :closed;
