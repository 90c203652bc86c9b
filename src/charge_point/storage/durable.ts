/**
 * What outlives power: which parts of a Charge Point are stored, under which names, and how they come back.
 *
 * One table, a row for each field of the state: stored (`kept`), lost (`VOLATILE`), or stored in a form of its own.
 * The compiler asks for the row of every new field, of `ChargePointState` as of `Connector` and `Transaction`.
 * To add state: put the field in `state.ts`, then its row here; `kept(read)` with a reader of `stored_value.ts`
 * is enough for plain data. What is large is an immutable value, replaced when it changes: whoever stores it skips
 * it as long as it is the same object. Dates are numbers, `Infinity` has no place in JSON.
 * Shape: sections by name, each a value that JSON can carry: `configuration`, `connector/1`, `message/17` …; a
 * section that is missing is as the Charge Point was delivered. The same path serves a restart of the program, a
 * power cut and a reset: see `rebuild`.
 * Version: `DURABLE_VERSION` grows when a stored form changes its meaning; what a newer one wrote is refused.
 * Errors: `StoredStateError` where what was stored cannot be understood.
 */
import { MeterValue } from "../../ocpp/meter_value.ts";
import { ChargePointErrorCode, IdTagInfo } from "../../ocpp/types.ts";
import type { Configuration } from "../configuration/configuration.ts";
import { initialConfiguration } from "../configuration/configuration_value.ts";
import { CONFIGURATION_KEY_NAMES } from "../../ocpp/configuration_key.ts";
import { type ChargePointOptions, ORDERED_FAILURES } from "../contract.ts";
import { MAINTENANCE_FORM } from "./stored_maintenance.ts";
import { readGridLimit, readInstalledProfile, readTransactionData, readVehicle } from "./stored_energy.ts";
import { checkBelonging, readMessage } from "./stored_message.ts";
import { SECURITY_FORM } from "./stored_security.ts";
import { type ChargePointState, type Connector, createState, type Transaction } from "../state.ts";
import {
  type FieldReaders,
  type ReadStored,
  storedAmount,
  storedBoolean,
  storedBySchema,
  storedFields,
  storedList,
  storedNumber,
  storedOneOf,
  storedOptional,
  storedRecord,
  StoredStateError,
  storedText,
} from "./stored_value.ts";

/** Of the stored form. */
export const DURABLE_VERSION = 1;

/** What a Charge Point has stored. */
export interface StoredState {
  readonly version: number;
  readonly sections: Sections;
}

export type Sections = Readonly<Record<string, unknown>>;

/** Lost without power. */
const VOLATILE = "volatile";

type Row<T> = typeof VOLATILE | { readonly read: ReadStored<T>; readonly isPhysical: boolean };

/** A field that is stored as it is. */
function kept<T>(read: ReadStored<T>): Row<T> & object {
  return { read, isPhysical: false };
}

/** The same of the world outside, which no reset to factory state undoes. */
function physical<T>(read: ReadStored<T>): Row<T> & object {
  return { read, isPhysical: true };
}

/** A part of the state that is stored in a form of its own. */
export interface OwnForm {
  readonly save: (state: ChargePointState) => Sections;
  readonly restore: (state: ChargePointState, sections: Sections) => void;
}

const idTagInfos = storedList(storedFields({
  idTag: storedText,
  idTagInfo: storedBySchema(IdTagInfo, "IdTagInfo"),
}));

const errorCode = storedOptional(storedOneOf(ChargePointErrorCode.options));

/** The physical world is kept too: the Charge Point finds it as it was. */
const CONNECTOR: { readonly [F in keyof Connector]-?: Row<Connector[F]> } = {
  connectorId: VOLATILE,
  status: VOLATILE,
  errorCode: VOLATILE,
  statusSinceAtMs: VOLATILE,
  told: VOLATILE,
  isInoperative: kept(storedBoolean),
  fault: physical(errorCode),
  warning: kept(errorCode),
  isPlugged: physical(storedBoolean),
  isEvPaused: physical(storedBoolean),
  vehicle: physical(storedOptional(readVehicle)),
  batteryWh: physical(storedAmount),
  registerWh: physical(storedAmount),
  authorizing: VOLATILE,
  authorized: VOLATILE,
  startProfile: VOLATILE,
  transaction: VOLATILE, // stored as `transactionKey`
  finishing: kept(storedOptional(storedOneOf(["stopped", "timedOut"]))),
  untold: VOLATILE,
  isLocked: kept(storedBoolean),
  lockJam: physical(storedOneOf(["lock", "unlock", "none"])),
  heldFor: kept(storedOptional(storedFields({
    idTag: storedText,
    parentIdTag: storedOptional(storedText),
  }))),
};

const TRANSACTION: { readonly [F in keyof Transaction]-?: Row<Transaction[F]> } = {
  key: kept(storedAmount),
  connectorId: kept(storedAmount),
  idTag: kept(storedText),
  parentIdTag: kept(storedOptional(storedText)),
  meterStartWh: kept(storedAmount),
  transactionId: kept(storedOptional(storedNumber)),
  energyEndsAtWh: kept(storedOptional(storedAmount)),
  beginning: kept(storedOptional(storedBySchema(MeterValue, "MeterValue"))),
  data: kept(storedOptional(readTransactionData)),
  startedAtSimulatedMs: kept(storedNumber),
  sampledAtWh: kept(storedAmount),
  nextSampleAtMs: VOLATILE,
};

/** In the order in which they come back. */
const STATE: { readonly [F in keyof ChargePointState]-?: Row<ChargePointState[F]> | OwnForm } = {
  options: VOLATILE, // what of it is kept: `optionsWith`
  scale: kept(storedOptional(storedFields({
    startedAtMs: storedNumber,
    speed: storedAmount,
    aheadMs: storedNumber,
  }))),
  isPowered: VOLATILE,
  isLinkUp: VOLATILE,
  configuration: { save: saveConfiguration, restore: restoreConfiguration },
  messages: { save: saveMessages, restore: restoreMessages },
  transactions: { save: saveTransactions, restore: restoreTransactions },
  connectors: { save: saveConnectors, restore: restoreConnectors },
  boot: {
    save: ({ boot }) => boot.wasAccepted ? { wasAccepted: true } : {},
    restore: ({ boot }, { wasAccepted = false }) => {
      boot.wasAccepted = storedBoolean(wasAccepted, "wasAccepted");
    },
  },
  authorizationCache: kept(idTagInfos),
  localList: kept(storedFields({ version: storedAmount, entries: idTagInfos })),
  reservations: kept(storedList(storedFields({
    reservationId: storedNumber,
    connectorId: storedAmount,
    idTag: storedText,
    parentIdTag: storedOptional(storedText),
    expiresAtSimulatedMs: storedNumber,
  }))),
  isEmergencyStopped: physical(storedBoolean),
  orderedFailures: kept(storedList(storedOneOf(ORDERED_FAILURES))),
  peer: VOLATILE,
  waiting: VOLATILE,
  messagesInARow: VOLATILE,
  callsMade: VOLATILE, // goes on above what came back: `restore`
  restart: VOLATILE,
  maintenance: MAINTENANCE_FORM,
  security: SECURITY_FORM,
  log: VOLATILE, // for whoever watches: goes on where the program does
  // The last that is known of a transaction that power cuts short; without one it would change for nothing.
  meteredAtSimulatedMs: {
    save: ({ meteredAtSimulatedMs, connectors }) =>
      connectors.some(({ transaction }) => transaction !== undefined) ? { meteredAtSimulatedMs } : {},
    restore: (state, { meteredAtSimulatedMs = 0 }) => {
      state.meteredAtSimulatedMs = storedNumber(meteredAtSimulatedMs, "meteredAtSimulatedMs");
    },
  },
  gridLimit: kept(storedOptional(readGridLimit)),
  profiles: kept(storedList(readInstalledProfile)),
  aligned: VOLATILE,
  pingIntervalSeconds: VOLATILE, // of the host, which goes on
  backlogEnd: VOLATILE,
  backlogPaceAtMs: VOLATILE,
  counters: VOLATILE,
};

/** What the options say of the very device, which stays the same whoever starts the program. */
const DEVICE = storedFields<{ seed: number; serialNumber?: string }>({
  seed: storedNumber,
  serialNumber: storedOptional(storedText) as ReadStored<string>,
});

/** What the Charge Point has stored. Values that have not changed since last time may be the same objects. */
export function durableOf(state: ChargePointState): StoredState {
  const { seed, serialNumber } = state.options;
  const sections: Record<string, unknown> = { device: { seed, serialNumber } };
  for (const [field, row] of Object.entries(STATE)) {
    if (row === VOLATILE) continue;
    if ("save" in row) Object.assign(sections, row.save(state));
    else addUnlessNothing(sections, field, state[field as keyof ChargePointState]);
  }
  return { version: DURABLE_VERSION, sections };
}

function addUnlessNothing(sections: Record<string, unknown>, name: string, value: unknown): void {
  const isNothing = value === undefined || (Array.isArray(value) && value.length === 0);
  if (!isNothing) sections[name] = value;
}

/** The options of a Charge Point that was stored: it is the one that it was. Errors: `StoredStateError`. */
export function optionsWith(options: ChargePointOptions, stored: StoredState): ChargePointOptions {
  if (stored.version > DURABLE_VERSION) {
    throw new StoredStateError(`its version ${stored.version} is newer than ${DURABLE_VERSION}`);
  }
  const { seed, serialNumber } = DEVICE(stored.sections["device"], "device");
  return { ...options, seed, ...(serialNumber === undefined ? {} : { serialNumber }), ...serialOf(options) };
}

function serialOf({ serialNumber }: ChargePointOptions): { serialNumber?: string } {
  return serialNumber === undefined ? {} : { serialNumber };
}

/** Brings what was stored into a Charge Point that has just been built. Errors: `StoredStateError`. */
export function restore(state: ChargePointState, { sections }: StoredState): void {
  for (const name of Object.keys(sections)) {
    if (!isSection(name)) throw new StoredStateError(`it has ${name}, which is unknown here`);
  }
  for (const [field, row] of Object.entries(STATE)) {
    if (row === VOLATILE) continue;
    if ("restore" in row) row.restore(state, sections);
    else if (sections[field] !== undefined) {
      Object.assign(state, { [field]: row.read(sections[field], field) });
    }
  }
  checkBelonging(state.messages, state.transactions);
  const used = [...state.messages.map(({ order }) => order), ...state.transactions.map(({ key }) => key)];
  state.callsMade = Math.max(-1, ...used) + 1;
}

/**
 * Everything that is not stored is lost, as if the program had ended and begun again; only what counts for
 * whoever watches goes on.
 */
export function rebuild(state: ChargePointState): void {
  const stored = JSON.parse(JSON.stringify(durableOf(state))) as StoredState;
  const fresh = createState(state.options);
  restore(fresh, stored);
  replaceState(state, fresh);
}

/** The same without what is stored: only the world outside is as it was. */
export function rebuildFromFactory(state: ChargePointState): void {
  const fresh = createState(state.options);
  for (const [index, connector] of state.connectors.entries()) {
    for (const [field, row] of Object.entries(CONNECTOR)) {
      const name = field as keyof Connector;
      if (row !== VOLATILE && row.isPhysical) {
        Object.assign(fresh.connectors[index]!, { [name]: connector[name] });
      }
    }
  }
  fresh.gridLimit = state.gridLimit;
  replaceState(state, fresh);
}

function replaceState(state: ChargePointState, fresh: ChargePointState): void {
  const { counters, scale, log, pingIntervalSeconds, meteredAtSimulatedMs } = state;
  Object.assign(state, fresh, { counters, scale, log, pingIntervalSeconds, meteredAtSimulatedMs });
}

const OWN_NAMES = [
  ...["device", "configuration", "wasAccepted", "maintenance", "security", "meteredAtSimulatedMs"],
];
const ITEM_NAME = /^(connector|transaction|message)\/\d+$/;

function isSection(name: string): boolean {
  return OWN_NAMES.includes(name) || ITEM_NAME.test(name) ||
    (Object.hasOwn(STATE, name) && "read" in Object(STATE[name as keyof typeof STATE]));
}

/** The sections `name/…`, by what follows the stroke. */
function itemsOf(sections: Sections, name: string): readonly [id: number, value: unknown][] {
  return Object.entries(sections)
    .filter(([section]) => section.startsWith(`${name}/`))
    .map(([section, value]) => [Number(section.slice(name.length + 1)), value] as [number, unknown])
    .toSorted(([one], [other]) => one - other);
}

/** Only what is kept of an object. */
function keptFields<T extends object>(object: T, rows: { readonly [F in keyof T]-?: Row<T[F]> }): Sections {
  const fields: Record<string, unknown> = {};
  for (const field of Object.keys(rows) as (keyof T & string)[]) {
    if (rows[field] !== VOLATILE && object[field] !== undefined) fields[field] = object[field];
  }
  return fields;
}

/** The readers of what is kept. */
function readersOf<T extends object>(rows: { readonly [F in keyof T]-?: Row<T[F]> }): FieldReaders<T> {
  const readers: Record<string, ReadStored<unknown>> = {};
  for (const [field, row] of Object.entries(rows) as [string, Row<unknown>][]) {
    if (row !== VOLATILE) readers[field] = row.read;
  }
  return readers as FieldReaders<T>;
}

/** By configuration, what is different from what the Charge Point was delivered with. */
const DIFFERENCES = new WeakMap<Configuration, Sections>();

function saveConfiguration({ configuration, options }: ChargePointState): Sections {
  const known = DIFFERENCES.get(configuration);
  if (known !== undefined) return known;
  const initial = initialConfiguration(options);
  const values: Record<string, string> = {};
  for (const key of CONFIGURATION_KEY_NAMES) {
    const value = configuration[key];
    if (value !== undefined && value !== initial[key]) values[key] = value;
  }
  const sections = Object.keys(values).length === 0 ? {} : { configuration: values };
  DIFFERENCES.set(configuration, sections);
  return sections;
}

/** What the Central System or a technician has set stays set, whatever the program was started with. */
function restoreConfiguration(state: ChargePointState, { configuration = {} }: Sections): void {
  const values = storedRecord(storedText)(configuration, "configuration");
  for (const key of Object.keys(values)) {
    if (!(CONFIGURATION_KEY_NAMES as readonly string[]).includes(key)) {
      throw new StoredStateError(`configuration.${key} is unknown here`);
    }
  }
  state.configuration = { ...state.configuration, ...values };
}

function saveConnectors({ connectors }: ChargePointState): Sections {
  return Object.fromEntries(connectors.map((connector) => {
    const transactionKey = connector.transaction?.key;
    const value = { ...keptFields(connector, CONNECTOR), transactionKey };
    return [`connector/${connector.connectorId}`, value];
  }));
}

const CONNECTOR_READ = storedFields<Connector & { transactionKey: number | undefined }>({
  ...readersOf<Connector>(CONNECTOR),
  transactionKey: storedOptional(storedAmount),
});

/** Connectors that are not there any more are forgotten, unless a transaction runs on one. */
function restoreConnectors(state: ChargePointState, sections: Sections): void {
  for (const [connectorId, value] of itemsOf(sections, "connector")) {
    const { transactionKey, ...fields } = CONNECTOR_READ(value, `connector/${connectorId}`);
    const transaction = state.transactions.find(({ key }) => key === transactionKey);
    const connector = state.connectors[connectorId];
    if (transactionKey !== undefined && (transaction === undefined || connector === undefined)) {
      const missing = connector === undefined ? `connector ${connectorId}` : `transaction/${transactionKey}`;
      throw new StoredStateError(`it has a transaction on connector ${connectorId}, but no ${missing}`);
    }
    if (connector !== undefined) Object.assign(connector, fields, { transaction });
  }
}

function saveTransactions({ transactions }: ChargePointState): Sections {
  return Object.fromEntries(
    transactions.map((transaction) => [
      `transaction/${transaction.key}`,
      keptFields(transaction, TRANSACTION),
    ]),
  );
}

const TRANSACTION_READ = storedFields<Transaction>(readersOf<Transaction>(TRANSACTION));

function restoreTransactions(state: ChargePointState, sections: Sections): void {
  const items = itemsOf(sections, "transaction");
  if (items.length === 0) return;
  state.transactions = items.map(([key, value]) => ({
    ...TRANSACTION_READ(value, `transaction/${key}`),
    nextSampleAtMs: Infinity,
  }));
}

/** One by one: a message that waits is written once, however many do. */
function saveMessages({ messages }: ChargePointState): Sections {
  return Object.fromEntries(messages.map((message) => [`message/${message.order}`, message]));
}

function restoreMessages(state: ChargePointState, sections: Sections): void {
  const items = itemsOf(sections, "message");
  if (items.length > 0) {
    state.messages = items.map(([order, value]) => readMessage(value, `message/${order}`));
  }
}
