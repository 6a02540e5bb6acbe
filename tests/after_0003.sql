-- What only the third release has room for, added to before_0003.sql, for tests/test_migrated_rows.py.
INSERT INTO organisation (id, created_at, parent_id, code, name, level, path, lat, lon, address, phone, policy, duties,
  revision, active)
VALUES ('00000000000000000000000000000008', '2026-11-23 01:00:00', '00000000000000000000000000000005', 'health', '卫健局',
  'department', '/qinghe/health/', 28.2, 112.9, '', '',
  '{"dispatch":{"mode":"auto"},"times":{"normal":{"review":60,"report":30},"deliver_hours":9}}', '["health"]', 0, TRUE);

INSERT INTO team (id, created_at, organisation_id, org_path, name, kind, title, lat, lon, address, radius_km, capacity,
  weekly, adults_only, active, area_ids, travel, lends)
VALUES ('00000000000000000000000000000010', '2026-11-23 01:00:00', '00000000000000000000000000000005', '/qinghe/',
  '候补队', 'convenience', '', 28.2, 112.9, '', 5, 1,
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', FALSE, TRUE, '[]', 'ebike',
  TRUE);

UPDATE service_order SET status = 'merged', merged_into_id = '00000000000000000000000000000001'
  WHERE id = '00000000000000000000000000000003';

UPDATE service_order SET version = 8 WHERE id = '00000000000000000000000000000001';

INSERT INTO offer (id, created_at, order_id, team_id, status, expires_at, answered_at, reason, receipt, standby, excused)
VALUES ('00000000000000000000000000000002', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000010', 'standby', '2026-11-23 02:00:00', '2026-11-23 01:30:00', '', '{}', TRUE, FALSE);

INSERT INTO order_event (id, created_at, order_id, seq, action, from_status, to_status, actor_role, reason, data, position)
VALUES
  ('00000000000000000000000000000014', '2026-11-23 01:00:00', '00000000000000000000000000000001', 4, 'confirm',
  'accepted', 'accepted', 'team_leader', '', '{}', 1),
  ('00000000000000000000000000000015', '2026-11-23 01:00:00', '00000000000000000000000000000001', 5, 'miss',
  'accepted', 'approved', 'system', '', '{}', NULL),
  ('00000000000000000000000000000016', '2026-11-23 01:00:00', '00000000000000000000000000000001', 6, 'promote',
  'approved', 'accepted', 'system', '', '{}', NULL),
  ('00000000000000000000000000000017', '2026-11-23 01:00:00', '00000000000000000000000000000001', 7, 'postpone',
  'accepted', 'accepted', 'team_leader', '', '{}', NULL),
  ('00000000000000000000000000000018', '2026-11-23 01:00:00', '00000000000000000000000000000001', 8, 'urge',
  'accepted', 'accepted', 'resident', '', '{}', NULL),
  ('00000000000000000000000000000019', '2026-11-23 01:00:00', '00000000000000000000000000000003', 1, 'submit',
  NULL, 'submitted', 'resident', '', '{}', NULL),
  ('00000000000000000000000000000020', '2026-11-23 01:00:00', '00000000000000000000000000000003', 2, 'merge',
  'submitted', 'merged', 'dispatcher', '', '{}', NULL);

INSERT INTO notification (id, created_at, org_path, order_id, kind, data, dedupe_key, due_at, attempts)
VALUES
  ('00000000000000000000000000000002', '2026-11-23 01:00:00', '/qinghe/', '00000000000000000000000000000001',
  'miss', '{"title": "保洁", "reason": "", "audience": "staff"}', 'miss', '2026-11-23 01:00:00', 0),
  ('00000000000000000000000000000003', '2026-11-23 01:00:00', '/qinghe/', '00000000000000000000000000000001',
  'accept', '{"title": "保洁", "reason": "", "audience": "asked"}', 'asked', '2026-11-23 01:00:00', 0),
  ('00000000000000000000000000000004', '2026-11-23 01:00:00', '/qinghe/', '00000000000000000000000000000001',
  'urge', '{"title": "保洁", "reason": "", "audience": "staff"}', 'later', '2099-11-23 01:00:00', 0);
