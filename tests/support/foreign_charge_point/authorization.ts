/**
 * Who may charge: the Local Authorization List, the Authorization Cache, the Central System.
 *
 * Spec: OCPP 1.6 §3.5, §4.1, §5.10, §5.15.
 */
import type { Req } from "../../../src/ocpp/registry.ts";
import type { IdTagInfo } from "../../../src/ocpp/types.ts";
import type { Configuration } from "./configuration.ts";
import type { Description } from "./description.ts";
import { type Handlers, Refusal } from "./handler.ts";
import type { Memory } from "./memory.ts";

/** How the Central System is asked. `undefined`: it cannot be reached. Rejects where it answers no payload. */
type Ask = (idTag: string) => Promise<IdTagInfo | undefined>;

const ACCEPTED: IdTagInfo = { status: "Accepted" };
const UNKNOWN: IdTagInfo = { status: "Invalid" };

/** One device's. */
export class Authorization {
  readonly #description: Description;
  readonly #configuration: Configuration;
  readonly #memory: Memory;
  readonly #ask: Ask;
  /** The next SendLocalList comes to nothing. */
  failsNextUpdate = false;

  constructor(
    options: {
      readonly description: Description;
      readonly configuration: Configuration;
      readonly memory: Memory;
      readonly ask: Ask;
    },
  ) {
    this.#description = options.description;
    this.#configuration = options.configuration;
    this.#memory = options.memory;
    this.#ask = options.ask;
  }

  /** What an idTag is worth at this moment. */
  async infoOf(idTag: string): Promise<IdTagInfo> {
    const known = this.known(idTag);
    if (isValid(known) && this.#configuration.isOn("LocalPreAuthorize")) return known;
    const told = await this.#ask(idTag).catch(() => UNKNOWN);
    if (told !== undefined) {
      this.learn(idTag, told);
      return told;
    }
    // Without a connection. §3.5: what is known as not valid is refused.
    if (known === undefined) {
      return this.#configuration.isOn("AllowOfflineTxForUnknownId") ? ACCEPTED : UNKNOWN;
    }
    return isValid(known) && this.#configuration.isOn("LocalAuthorizeOffline") ? known : UNKNOWN;
  }

  /** What is remembered of an idTag: by the list before the cache. */
  known(idTag: string): IdTagInfo | undefined {
    const key = idTag.toLowerCase();
    return (this.#hasList ? this.#memory.localList.get(key) : undefined) ??
      (this.#hasCache ? this.#memory.cache.get(key) : undefined);
  }

  /** The Central System has said so. An idTag of the list is not for the cache. */
  learn(idTag: string, info: IdTagInfo): void {
    const key = idTag.toLowerCase();
    if (this.#hasList && this.#memory.localList.has(key)) return;
    if (this.#hasCache) this.#memory.cache.set(key, info);
  }

  get #hasCache(): boolean {
    return this.#description.hasAuthorizationCache && this.#configuration.isOn("AuthorizationCacheEnabled");
  }

  get #hasList(): boolean {
    return this.#supportsList && this.#configuration.isOn("LocalAuthListEnabled");
  }

  get #supportsList(): boolean {
    return this.#description.profiles.includes("LocalAuthListManagement");
  }

  readonly handlers: Handlers = {
    ClearCache: () => {
      if (!this.#hasCache) return { conf: { status: "Rejected" } };
      this.#memory.cache.clear();
      return { conf: { status: "Accepted" } };
    },
    GetLocalListVersion: () => {
      if (!this.#supportsList) {
        if (this.#description.habits.answersWithoutProfile) return { conf: { listVersion: -1 } };
        throw new Refusal("NotSupported");
      }
      const { localList, localListVersion } = this.#memory;
      return { conf: { listVersion: localList.size === 0 ? 0 : localListVersion } };
    },
    SendLocalList: (update) => {
      if (!this.#supportsList) {
        if (this.#description.habits.answersWithoutProfile) return { conf: { status: "NotSupported" } };
        throw new Refusal("NotSupported");
      }
      return { conf: { status: this.#update(update) } };
    },
  };

  #update({ listVersion, updateType, localAuthorizationList = [] }: Req<"SendLocalList">) {
    if (this.failsNextUpdate) {
      this.failsNextUpdate = false;
      return "Failed";
    }
    const isDifferential = updateType === "Differential";
    if (isDifferential && listVersion <= this.#memory.localListVersion) return "VersionMismatch";
    const list = new Map(isDifferential ? this.#memory.localList : []);
    for (const { idTag, idTagInfo } of localAuthorizationList) {
      const key = idTag.toLowerCase();
      if (idTagInfo !== undefined) list.set(key, idTagInfo);
      else if (isDifferential) list.delete(key);
      else return "Failed"; // a full list says of everybody what he is worth
    }
    if (list.size > this.#configuration.number("LocalAuthListMaxLength")) return "Failed";
    this.#memory.localList = list;
    this.#memory.localListVersion = listVersion;
    for (const key of list.keys()) this.#memory.cache.delete(key);
    return "Accepted";
  }
}

/** ConcurrentTx is no reason against starting with what is remembered. */
function isValid(info: IdTagInfo | undefined): info is IdTagInfo {
  if (info?.status !== "Accepted" && info?.status !== "ConcurrentTx") return false;
  return info.expiryDate === undefined || Date.parse(info.expiryDate) > Date.now();
}
