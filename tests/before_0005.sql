-- A look at an order as the fourth release kept it, beside the rows before, for tests/test_migrated_rows.py.
INSERT INTO reveal (id, created_at, order_id, person_id, role, reason)
VALUES ('00000000000000000000000000000031', '2026-11-23 01:00:00', '00000000000000000000000000000001',
  '00000000000000000000000000000007', 'dispatcher', CAST('' AS {blob}));
