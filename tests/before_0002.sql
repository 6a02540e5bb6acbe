-- Rows as the first release kept them, for tests/test_migrated_rows.py; the ids end in what they stand for.
INSERT INTO organisation (id, created_at, code, name, level, path, lat, lon, address, phone, policy, revision, active)
VALUES ('00000000000000000000000000000005', '2026-11-23 01:00:00', 'qinghe', '中心', 'center', '/qinghe/', 28.2,
  112.9, '', '', '{}', 0, TRUE);

INSERT INTO person (id, created_at, name, phone, failed_signins, active)
VALUES ('00000000000000000000000000000007', '2026-11-23 01:00:00', '张阿婆', '', 0, TRUE);

INSERT INTO beneficiary (id, created_at, org_path, name, phone, kind, relation, consent, consent_note)
VALUES ('00000000000000000000000000000002', '2026-11-23 01:00:00', '/qinghe/', '秦奶奶', '13800000002', '',
  'family', 'verbal', ''),
  ('00000000000000000000000000000003', '2026-11-23 01:00:00', '/qinghe/', '秦 奶奶', '', '', 'family', 'verbal', '');

INSERT INTO team (id, created_at, organisation_id, org_path, name, kind, title, lat, lon, address, radius_km, capacity,
  weekly, adults_only, active)
VALUES ('00000000000000000000000000000009', '2026-11-23 01:00:00', '00000000000000000000000000000005', '/qinghe/',
  '便民队', 'convenience', '', 28.2, 112.9, '', 5, 1,
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', FALSE, TRUE);

INSERT INTO service_order (id, created_at, organisation_id, handler_id, org_path, placed_by_id, beneficiary_id, title,
  category, detail, required_specialties, risk, urgency, people, mode, address, contact_name, contact_phone,
  window_start, window_end, duration_minutes, status, status_at, version, urged_times)
VALUES ('00000000000000000000000000000001', '2026-11-23 01:00:00', '00000000000000000000000000000005', '00000000000000000000000000000005', '/qinghe/', '00000000000000000000000000000007',
  NULL, '保洁', 'care', '', '[]', 'none', 'normal', 1, 'online', '松岭社区 ３栋201', '张阿婆', '',
  '2026-11-23 01:00:00', '2026-11-23 03:00:00', 60, 'submitted', '2026-11-23 01:00:00', 1, 0),
  ('00000000000000000000000000000002', '2026-11-23 01:00:00', '00000000000000000000000000000005', '00000000000000000000000000000005', '/qinghe/', '00000000000000000000000000000007',
  '00000000000000000000000000000002', '保洁', 'care', '', '[]', 'none', 'normal', 1, 'online', '松岭社区 ３栋201', '张阿婆', '',
  '2026-11-23 01:00:00', '2026-11-23 03:00:00', 60, 'submitted', '2026-11-23 01:00:00', 1, 0),
  ('00000000000000000000000000000003', '2026-11-23 01:00:00', '00000000000000000000000000000005', '00000000000000000000000000000005', '/qinghe/', '00000000000000000000000000000007',
  '00000000000000000000000000000003', '保洁', 'care', '', '[]', 'none', 'normal', 1, 'online', '松岭社区 ３栋201', '张阿婆', '',
  '2026-11-23 01:00:00', '2026-11-23 03:00:00', 60, 'submitted', '2026-11-23 01:00:00', 1, 0);
