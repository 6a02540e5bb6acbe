-- Rows as the third release kept them, beside those before, for tests/test_migrated_rows.py: something in every column
-- that the fourth seals.
UPDATE person SET phone = '13800000001', birth_date = '1950-03-01';

UPDATE service_order SET mode = 'on_site', lat = 28.25, lon = 112.95, circumstances = '["lone_elderly"]',
  detail = '门口有台阶', contact_phone = '13800000001', contact_name = '张阿婆'
  WHERE id = '00000000000000000000000000000001';

UPDATE beneficiary SET kind = '独居老人', consent_note = '上门时当面同意'
  WHERE id = '00000000000000000000000000000002';

UPDATE offer SET reason = '居民熟悉这支队伍' WHERE id = '00000000000000000000000000000001';

UPDATE order_event SET reason = '情况有变' WHERE id = '00000000000000000000000000000013';

INSERT INTO volunteer (id, created_at, person_id, number, organisation_id, org_path, languages, active)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000007', 'V1',
  '00000000000000000000000000000005', '/qinghe/', '[]', TRUE);

INSERT INTO volunteer_specialty (id, created_at, volunteer_id, specialty, level, proof_no)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000021', 'electrician', 1,
  'DG-0001');

INSERT INTO team_specialty (id, created_at, team_id, specialty, level, proof_no)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000009', 'electrician', 1,
  'DG-0002');

INSERT INTO attendance (id, created_at, order_id, person_id, client_id, check_in_at, check_in_lat, check_in_lon,
  verified_minutes, declared_minutes, declared_reason, marks)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000007', '00000000000000000000000000000021', '2026-11-23 01:00:00', 28.25, 112.95, 0, 0, '',
  '[]');

INSERT INTO delivery (id, created_at, order_id, delivered_by_id, summary, people_served)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000007', '已完成', 1);

INSERT INTO review (id, created_at, order_id, delivery_id, reviewed_by_id, timeliness, attitude, quality, resolution,
  comment)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000021', '00000000000000000000000000000007', 5, 5, 5, 5, '很好');

INSERT INTO complaint (id, created_at, order_id, org_path, made_by_id, words, due_at, answer)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001', '/qinghe/',
  '00000000000000000000000000000007', '来晚了', '2026-11-24 01:00:00', '');

INSERT INTO follow_up (id, created_at, order_id, org_path, cause, due_at, note)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001', '/qinghe/',
  'on_behalf', '2026-11-24 01:00:00', '电话中说满意');

INSERT INTO absence (id, created_at, order_id, team_id, org_path, scheduled_start, reason, appeal, appealed_at, decision,
  overturned)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000009', '/qinghe/', '2026-11-23 01:00:00', '没有人来', '路上堵车', '2026-11-23 02:00:00', '',
  FALSE);

INSERT INTO whistle (id, created_at, order_id, handler_id, due_at, note)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000005', '2026-11-24 01:00:00', '马上派人');

INSERT INTO team_block (id, created_at, team_id, beneficiary_key, order_id, reason, blocked_by_id)
SELECT '00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000009', beneficiary_key,
  id, '有过争执', '00000000000000000000000000000007' FROM service_order WHERE id = '00000000000000000000000000000002';

INSERT INTO recurring_order (id, created_at, organisation_id, org_path, placed_by_id, title, wanted, rule, first_start,
  window_minutes, time_zone, on_holiday, status, reason)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000005', '/qinghe/',
  '00000000000000000000000000000007', '保洁', '{"contact": {"name": "张阿婆", "phone": "13800000001"}}', 'FREQ=WEEKLY',
  '2026-11-28 01:00:00', 120, 'Asia/Shanghai', 'keep', 'ended', '已按计划全部安排');

INSERT INTO recurring_exception (id, created_at, recurring_id, occurs_at, reason)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000021',
  '2026-12-05 01:00:00', '回老家');

INSERT INTO webhook (id, created_at, organisation_id, org_path, url, secret, actions, active, made_by_id, position, next_at,
  failures, last_error)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000005', '/qinghe/',
  'https://example.org/hook', 'whsec_0123456789', '[]', TRUE, '00000000000000000000000000000007', 0,
  '2026-11-23 01:00:00', 0, '');

INSERT INTO idempotency_record (person_id, key, created_at, digest, status_code, body)
VALUES ('00000000000000000000000000000007', 'a-key-0001', '2026-11-23 01:00:00', '', 201, CAST('{"id": 1}' AS {blob}));

INSERT INTO role_grant (id, created_at, person_id, role, organisation_id)
VALUES ('00000000000000000000000000000021', '2026-11-23 01:00:00', '00000000000000000000000000000007', 'org_admin',
  '00000000000000000000000000000005')
