-- First pages of transactions, newest first: of one Charge Point or one idTag, where the rowid orders within each key,
-- and of those that are active.
CREATE INDEX transactions_by_charge_point ON transactions (charge_point);
CREATE INDEX transactions_by_id_tag ON transactions (lower(id_tag));
CREATE INDEX transactions_active_newest ON transactions (transaction_id) WHERE closed_by IS NULL;
