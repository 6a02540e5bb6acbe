-- A look at a series, for which the fourth release has no place.
INSERT INTO reveal (id, created_at, recurring_id, person_id, role, reason)
VALUES ('00000000000000000000000000000032', '2026-11-23 01:00:00', '00000000000000000000000000000021',
  '00000000000000000000000000000007', 'dispatcher', CAST('' AS {blob}));
