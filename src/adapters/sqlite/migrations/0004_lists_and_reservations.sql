-- What Charge Points were told by our own Calls and keep.

-- Without is_content_known a list has no entries here, whatever the Charge Point has.
CREATE TABLE local_lists (
  charge_point INTEGER PRIMARY KEY REFERENCES identities (id),
  version INTEGER,
  confirmed_at INTEGER,
  is_content_known INTEGER NOT NULL,
  doubtful_version INTEGER
);

-- key is the idTag in lower case; id_tag_info is JSON.
CREATE TABLE local_list_entries (
  charge_point INTEGER NOT NULL REFERENCES identities (id),
  key TEXT NOT NULL,
  id_tag TEXT NOT NULL,
  id_tag_info TEXT NOT NULL,
  PRIMARY KEY (charge_point, key)
) WITHOUT ROWID;

-- ended_by is null while nothing but time has ended it. reservation_id comes again; id does not.
CREATE TABLE reservations (
  id INTEGER PRIMARY KEY,
  charge_point INTEGER NOT NULL REFERENCES identities (id),
  reservation_id INTEGER NOT NULL,
  connector_id INTEGER NOT NULL,
  id_tag TEXT NOT NULL,
  parent_id_tag TEXT,
  expiry_at INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  made_boot INTEGER NOT NULL,
  is_doubtful INTEGER NOT NULL,
  ended_by TEXT,
  ended_at INTEGER,
  transaction_id INTEGER
);
CREATE INDEX reservations_by_reservation_id ON reservations (charge_point, reservation_id);
CREATE INDEX reservations_held ON reservations (charge_point, expiry_at) WHERE ended_by IS NULL;
