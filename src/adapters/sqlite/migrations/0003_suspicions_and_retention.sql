-- suspected_by is null while nothing says that a transaction is over; the times are the Central System's and the
-- Charge Point's own. overruled is JSON: how it had been closed before its StopTransaction came after all.
ALTER TABLE transactions ADD COLUMN suspected_by TEXT;
ALTER TABLE transactions ADD COLUMN suspected_at INTEGER;
ALTER TABLE transactions ADD COLUMN suspected_at_charge_point INTEGER;
ALTER TABLE transactions ADD COLUMN operator TEXT;
ALTER TABLE transactions ADD COLUMN note TEXT;
ALTER TABLE transactions ADD COLUMN overruled TEXT;
CREATE INDEX transactions_suspected ON transactions (suspected_at)
  WHERE closed_by IS NULL AND suspected_at IS NOT NULL;

-- The transaction that readings perhaps belong to whose transaction_id is none of ours. The index holds only those.
ALTER TABLE meter_values ADD COLUMN guessed_transaction_id INTEGER;
CREATE INDEX meter_values_guessed ON meter_values (guessed_transaction_id)
  WHERE guessed_transaction_id IS NOT NULL;
