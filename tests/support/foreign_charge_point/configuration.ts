/**
 * Configuration keys: what they are worth, and which values make sense.
 *
 * Spec: OCPP 1.6 §5.3, §5.8, §9; Security for SecurityProfile, AuthorizationKey, CpoName.
 */
import type { Description } from "./description.ts";
import type { Handlers } from "./handler.ts";
import { MEASURANDS } from "./meter.ts";

type Check = (value: string) => boolean;

interface Key {
  readonly initial: string;
  /** Absent: the key is read-only. */
  readonly takes?: Check;
  /** It is taken over with the next start. */
  readonly waits?: boolean;
}

const boolean: Check = (value) => /^(true|false)$/i.test(value);
const natural: Check = (value) => /^\d{1,9}$/.test(value);
const positive: Check = (value) => natural(value) && Number(value) > 0;
const measurands: Check = (value) => value === "" || value.split(",").every((one) => MEASURANDS.has(one));
const anything: Check = () => true;

const ENERGY = "Energy.Active.Import.Register";

function keysOf(description: Description): Readonly<Record<string, Key>> {
  const { profiles, cable, connectors, hasAuthorizationCache, habits } = description;
  const waits = habits.rebootsForConfiguration;
  const withProfile = (profile: Description["profiles"][number], keys: Record<string, Key>) =>
    profiles.includes(profile) ? keys : {};
  return {
    AllowOfflineTxForUnknownId: { initial: "false", takes: boolean },
    ...(hasAuthorizationCache ? { AuthorizationCacheEnabled: { initial: "true", takes: boolean } } : {}),
    AuthorizeRemoteTxRequests: habits.alwaysAuthorizesRemoteStarts
      ? { initial: "true" }
      : { initial: "false", takes: boolean },
    ClockAlignedDataInterval: { initial: "0", takes: natural },
    ConnectionTimeOut: { initial: "60", takes: positive },
    ConnectorPhaseRotation: { initial: "NotApplicable", takes: anything },
    GetConfigurationMaxKeys: { initial: "10" },
    HeartbeatInterval: { initial: "300", takes: natural },
    LocalAuthorizeOffline: { initial: "true", takes: boolean, waits },
    LocalPreAuthorize: { initial: "false", takes: boolean, waits },
    MeterValuesAlignedData: { initial: ENERGY, takes: measurands },
    MeterValuesSampledData: { initial: ENERGY, takes: measurands },
    MeterValueSampleInterval: { initial: "60", takes: natural },
    NumberOfConnectors: { initial: String(connectors) },
    ResetRetries: { initial: "1", takes: natural },
    StopTransactionOnEVSideDisconnect: { initial: "true", takes: boolean },
    StopTransactionOnInvalidId: { initial: "true", takes: boolean, waits },
    StopTxnAlignedData: { initial: "", takes: measurands },
    StopTxnSampledData: { initial: ENERGY, takes: measurands },
    SupportedFeatureProfiles: { initial: profiles.join(",") },
    TransactionMessageAttempts: { initial: "3", takes: positive },
    TransactionMessageRetryInterval: { initial: "10", takes: natural },
    // Errata: a fixed cable cannot be let go of.
    UnlockConnectorOnEVSideDisconnect: cable === "fixed"
      ? { initial: "false" }
      : { initial: "true", takes: boolean },
    ...withProfile("LocalAuthListManagement", {
      LocalAuthListEnabled: { initial: "true", takes: boolean },
      LocalAuthListMaxLength: { initial: "100" },
      SendLocalListMaxLength: { initial: "50" },
    }),
    ...withProfile("Reservation", {
      ReserveConnectorZeroSupported: { initial: String(description.reservesConnectorZero) },
    }),
    ...withProfile("SmartCharging", {
      ChargeProfileMaxStackLevel: { initial: "8" },
      ChargingScheduleAllowedChargingRateUnit: {
        initial: habits.chargesByPowerOnly ? "Power" : "Current,Power",
      },
      ChargingScheduleMaxPeriods: { initial: "24" },
      MaxChargingProfilesInstalled: { initial: "20" },
    }),
    CertificateStoreMaxLength: { initial: "10" },
    CpoName: { initial: "", takes: anything },
  };
}

/** A key that lives elsewhere: `value` is told, unless it is a secret; `change` takes a new one. */
export interface OutsideKey {
  readonly value: () => string | undefined;
  readonly change: (value: string) => { readonly isTaken: boolean; readonly afterwards?: () => void };
}

/** One device's. */
export class Configuration {
  readonly #keys: Readonly<Record<string, Key>>;
  readonly #values: Map<string, string>;
  readonly #waiting = new Map<string, string>();
  readonly #tellsEmptyLists: boolean;
  readonly #onChange: (key: string) => void;
  readonly #outside: Readonly<Record<string, OutsideKey>>;

  constructor(
    description: Description,
    values: Map<string, string>,
    options: {
      readonly onChange: (key: string) => void;
      readonly outside: Readonly<Record<string, OutsideKey>>;
    },
  ) {
    this.#keys = keysOf(description);
    this.#values = values;
    this.#tellsEmptyLists = description.habits.tellsEmptyLists;
    this.#onChange = options.onChange;
    this.#outside = options.outside;
  }

  text(key: string): string {
    return this.#values.get(key) ?? this.#keys[key]?.initial ?? "";
  }

  isOn(key: string): boolean {
    return this.text(key).toLowerCase() === "true";
  }

  number(key: string): number {
    return Number(this.text(key));
  }

  list(key: string): readonly string[] {
    return this.text(key).split(",").filter((one) => one !== "");
  }

  /** A start: what has waited for it is taken over. */
  restarted(): void {
    for (const [key, value] of this.#waiting) this.#values.set(key, value);
    this.#waiting.clear();
  }

  /** The Central System says it in another way, BootNotification.conf for HeartbeatInterval. */
  set(key: string, value: string): void {
    this.#values.set(key, value);
    this.#onChange(key);
  }

  readonly handlers: Handlers = {
    GetConfiguration: ({ key: asked = [] }) => {
      const all = [...Object.keys(this.#keys), ...Object.keys(this.#outside)];
      const told = asked.length === 0 ? all : asked.map((one) => this.#nameOf(one) ?? one);
      const entries = told.flatMap((key) => this.#entry(key));
      const unknownKey = asked.filter((one) => this.#nameOf(one) === undefined);
      return {
        conf: {
          ...(entries.length === 0 && !this.#tellsEmptyLists ? {} : { configurationKey: entries }),
          ...(unknownKey.length === 0 && !this.#tellsEmptyLists ? {} : { unknownKey }),
        },
      };
    },
    ChangeConfiguration: ({ key: asked, value }) => {
      const key = this.#nameOf(asked);
      if (key === undefined) return { conf: { status: "NotSupported" } };
      const outside = this.#outside[key];
      if (outside !== undefined) {
        const { isTaken, afterwards } = outside.change(value);
        return {
          conf: { status: isTaken ? "Accepted" : "Rejected" },
          ...(afterwards === undefined ? {} : { afterwards }),
        };
      }
      if (this.#keys[key]?.takes?.(value) !== true) return { conf: { status: "Rejected" } };
      if (this.#keys[key].waits === true) {
        this.#waiting.set(key, value);
        return { conf: { status: "RebootRequired" } };
      }
      this.set(key, value);
      return { conf: { status: "Accepted" } };
    },
  };

  /** Names compare without regard to case. Spec: OCPP 1.6 §7.17. */
  #nameOf(asked: string): string | undefined {
    return [...Object.keys(this.#keys), ...Object.keys(this.#outside)]
      .find((name) => name.toLowerCase() === asked.toLowerCase());
  }

  #entry(key: string): { key: string; readonly: boolean; value?: string }[] {
    const outside = this.#outside[key];
    if (outside !== undefined) {
      const value = outside.value();
      return value === undefined ? [] : [{ key, readonly: false, value }];
    }
    const known = this.#keys[key];
    if (known === undefined) return [];
    return [{ key, readonly: known.takes === undefined, value: this.#waiting.get(key) ?? this.text(key) }];
  }
}
