-- password_hash is salted; pending: accepted, or told, and not used yet.
ALTER TABLE charge_points ADD COLUMN ping_interval INTEGER;
ALTER TABLE charge_points ADD COLUMN security_profile INTEGER;
ALTER TABLE charge_points ADD COLUMN pending_security_profile INTEGER;
ALTER TABLE charge_points ADD COLUMN password_hash TEXT;
ALTER TABLE charge_points ADD COLUMN pending_password_hash TEXT;
ALTER TABLE charge_points ADD COLUMN certificate_serial_number TEXT;
