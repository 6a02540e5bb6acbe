-- Rows as the second release kept them, beside those of before_0002.sql, for tests/test_migrated_rows.py.
INSERT INTO organisation (id, created_at, parent_id, code, name, level, path, lat, lon, address, phone, policy, revision,
  active)
VALUES ('00000000000000000000000000000006', '2026-11-23 01:00:00', '00000000000000000000000000000005', 'songling', '站',
  'station', '/qinghe/songling/', 28.2, 112.9, '', '', '{"times":{"normal":{"review":60}}}', 0, TRUE);

UPDATE service_order SET status = 'accepted', team_id = '00000000000000000000000000000009',
  scheduled_start = window_start, scheduled_end = window_end, version = 3
  WHERE id = '00000000000000000000000000000001';

UPDATE service_order SET status = 'pooled', organisation_id = '00000000000000000000000000000006',
  org_path = '/qinghe/songling/', version = 3
  WHERE id = '00000000000000000000000000000002';

UPDATE service_order SET version = 2 WHERE id = '00000000000000000000000000000003';

INSERT INTO offer (id, created_at, order_id, team_id, status, expires_at, answered_at, reason, receipt)
VALUES ('00000000000000000000000000000001', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000009', 'accepted', '2026-11-23 02:00:00', '2026-11-23 01:30:00', '', '{}');

INSERT INTO order_event (id, created_at, order_id, seq, action, from_status, to_status, actor_role, reason, data)
VALUES
  ('00000000000000000000000000000011', '2026-11-23 01:00:00', '00000000000000000000000000000001', 1, 'submit',
  NULL, 'submitted', 'resident', '', '{}'),
  ('00000000000000000000000000000012', '2026-11-23 01:00:00', '00000000000000000000000000000001', 2, 'approve',
  'submitted', 'approved', 'dispatcher', '', '{}'),
  ('00000000000000000000000000000013', '2026-11-23 01:00:00', '00000000000000000000000000000001', 3, 'accept',
  'approved', 'accepted', 'team_leader', '', '{}');

INSERT INTO notification (id, created_at, org_path, order_id, kind, data, dedupe_key)
VALUES ('00000000000000000000000000000001', '2026-11-23 01:00:00', '/qinghe/', '00000000000000000000000000000001',
  'submit', '{"title": "保洁", "reason": "", "audience": "staff"}', 'one');
