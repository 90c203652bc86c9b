-- Instants are milliseconds since 1970 UTC and end in _at; energy is Wh.

-- A short number for each identity, for the tables that grow.
CREATE TABLE identities (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE
);

CREATE TABLE charge_points (
  id INTEGER PRIMARY KEY REFERENCES identities (id),
  registration TEXT NOT NULL,
  validation TEXT,
  refused_rules TEXT,
  allowed_id_tags TEXT,
  heartbeat_interval INTEGER,
  boot_status TEXT,
  boot_count INTEGER NOT NULL,
  booted_at INTEGER,
  boot TEXT,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER
);

CREATE TABLE connectors (
  charge_point INTEGER NOT NULL REFERENCES charge_points (id),
  connector_id INTEGER NOT NULL,
  status TEXT NOT NULL,
  error_code TEXT NOT NULL,
  info TEXT,
  vendor_id TEXT,
  vendor_error_code TEXT,
  status_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (charge_point, connector_id)
) WITHOUT ROWID;

-- key is the idTag in lower case: idTags compare without regard to case.
CREATE TABLE id_tags (
  key TEXT PRIMARY KEY,
  id_tag TEXT NOT NULL,
  parent_id_tag TEXT,
  expiry_at INTEGER,
  blocked INTEGER NOT NULL,
  max_active_transactions INTEGER,
  source TEXT NOT NULL
) WITHOUT ROWID;

-- closed_by is null while a transaction is active. A transaction outlives the record of its Charge Point.
CREATE TABLE transactions (
  transaction_id INTEGER PRIMARY KEY,
  charge_point INTEGER NOT NULL REFERENCES identities (id),
  connector_id INTEGER NOT NULL,
  id_tag TEXT NOT NULL,
  meter_start INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  start_timestamp TEXT NOT NULL,
  start_unique_id TEXT NOT NULL,
  start_received_at INTEGER NOT NULL,
  start_boot INTEGER NOT NULL,
  start_answer TEXT NOT NULL,
  reservation_id INTEGER,
  closed_by TEXT,
  stopped_at INTEGER,
  stop_received_at INTEGER,
  meter_stop INTEGER,
  reason TEXT,
  stop_id_tag TEXT,
  stop_timestamp TEXT,
  stop_unique_id TEXT,
  stop_answer TEXT
);
CREATE INDEX transactions_by_start ON transactions (charge_point, start_timestamp);
CREATE INDEX transactions_active ON transactions (charge_point, connector_id) WHERE closed_by IS NULL;
CREATE INDEX transactions_active_by_id_tag ON transactions (lower(id_tag)) WHERE closed_by IS NULL;

-- One row a MeterValue; sampled_value is its array as JSON. The ids are as sent. previous: see chains.
CREATE TABLE meter_values (
  id INTEGER PRIMARY KEY,
  previous INTEGER,
  charge_point INTEGER NOT NULL,
  transaction_id INTEGER,
  connector_id INTEGER NOT NULL,
  unique_id TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  sampled_value TEXT NOT NULL
);

-- StopTransactions that stopped nothing we know.
CREATE TABLE unmatched_stops (
  charge_point INTEGER NOT NULL,
  unique_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (charge_point, unique_id, payload)
) WITHOUT ROWID;

-- What Charge Points reported of themselves, as it came: firmware, diagnostics, logs, security events, …
CREATE TABLE reports (
  id INTEGER PRIMARY KEY,
  charge_point INTEGER NOT NULL,
  action TEXT NOT NULL,
  payload TEXT NOT NULL,
  received_at INTEGER NOT NULL
);
CREATE INDEX reports_by_charge_point ON reports (charge_point, action);

-- One row an exchange. direction: 0 from the Charge Point, 1 to it. deviations is JSON. previous: see chains.
CREATE TABLE frames (
  id INTEGER PRIMARY KEY,
  previous INTEGER,
  charge_point INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  direction INTEGER NOT NULL,
  action TEXT NOT NULL,
  unique_id TEXT NOT NULL,
  request TEXT NOT NULL,
  answer TEXT,
  outcome TEXT NOT NULL,
  latency_ms INTEGER,
  deviations TEXT
);

-- Instead of an index on the tables that grow: each of their rows names the row before it of the same Charge
-- Point and transaction (frames: 0), and this is the last one of each, as far as sequences says.
CREATE TABLE chains (
  "table" TEXT NOT NULL,
  charge_point INTEGER NOT NULL,
  transaction_id INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY ("table", charge_point, transaction_id)
) WITHOUT ROWID;

-- transactionId: the next to give; it outlives deleted rows, so that none is ever given twice.
-- meter_values, frames: the first id whose chain may not be written down yet.
CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  next INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO sequences (name, next) VALUES ('meter_values', 1), ('frames', 1);
