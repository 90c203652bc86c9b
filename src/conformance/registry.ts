/**
 * Every compliance case that is written.
 */
import type { CaseDefinition } from "./case.ts";
import {
  CONFIGURATION as CS_CONFIGURATION,
  CONFIGURATION_REFUSALS,
  DATA_TRANSFER as CS_DATA_TRANSFER,
} from "./central_system/configuration.ts";
import { FIRMWARE as CS_FIRMWARE } from "./central_system/firmware.ts";
import { LOCAL_LIST as CS_LOCAL_LIST } from "./central_system/local_list.ts";
import { NON_HAPPY as CS_NON_HAPPY, OFFLINE as CS_OFFLINE } from "./central_system/non_happy.ts";
import { REMOTE_ACTIONS as CS_REMOTE_ACTIONS, REMOTE_REFUSALS } from "./central_system/remote_actions.ts";
import { REMOTE_TRIGGER as CS_REMOTE_TRIGGER } from "./central_system/remote_trigger.ts";
import { RESERVATION as CS_RESERVATION } from "./central_system/reservation.ts";
import { SECURITY as CS_SECURITY } from "./central_system/security.ts";
import { SECURITY_PROFILES as CS_SECURITY_PROFILES } from "./central_system/security_profiles.ts";
import { SECURITY_CERTIFICATES as CS_SECURITY_CERTIFICATES } from "./central_system/security_certificates.ts";
import { SESSIONS } from "./central_system/sessions.ts";
import { SMART_CHARGING as CS_SMART_CHARGING } from "./central_system/smart_charging.ts";
import { CACHE } from "./charge_point/cache.ts";
import { DIAGNOSTICS } from "./charge_point/diagnostics.ts";
import { FIRMWARE } from "./charge_point/firmware.ts";
import { SECURITY_CERTIFICATES } from "./charge_point/security_certificates.ts";
import { SECURITY_FIRMWARE } from "./charge_point/security_firmware.ts";
import { SECURITY_PROFILES } from "./charge_point/security_profiles.ts";
import { COLD_BOOT } from "./charge_point/cold_boot.ts";
import { CONFIGURATION } from "./charge_point/configuration.ts";
import { LOCAL_LIST } from "./charge_point/local_list.ts";
import { METER_VALUES } from "./charge_point/meter_values.ts";
import { NON_HAPPY } from "./charge_point/non_happy.ts";
import { OFFLINE } from "./charge_point/offline.ts";
import { POWER_FAILURE } from "./charge_point/power_failure.ts";
import { REMOTE_ACTIONS } from "./charge_point/remote_actions.ts";
import { DATA_TRANSFER, REMOTE_TRIGGER } from "./charge_point/remote_trigger.ts";
import { RESERVATION } from "./charge_point/reservation.ts";
import { RESET } from "./charge_point/reset.ts";
import { SMART_CHARGING } from "./charge_point/smart_charging.ts";
import { START_SESSION } from "./charge_point/start_session.ts";
import { STOP_SESSION } from "./charge_point/stop_session.ts";
import { UNLOCK } from "./charge_point/unlock.ts";
import { NEGATIVE_CENTRAL_SYSTEM } from "./negative/central_system.ts";
import { NEGATIVE_CHARGE_POINT } from "./negative/charge_point.ts";

/** Those with a Charge Point under test, in the order of the groups. */
export const CHARGE_POINT_CASES: readonly CaseDefinition[] = [
  ...COLD_BOOT,
  ...START_SESSION,
  ...STOP_SESSION,
  ...CACHE,
  ...REMOTE_ACTIONS,
  ...RESET,
  ...UNLOCK,
  ...CONFIGURATION,
  ...METER_VALUES,
  ...NON_HAPPY,
  ...POWER_FAILURE,
  ...OFFLINE,
  ...LOCAL_LIST,
  ...RESERVATION,
  ...REMOTE_TRIGGER,
  ...SMART_CHARGING,
  ...DATA_TRANSFER,
  ...FIRMWARE,
  ...DIAGNOSTICS,
  ...SECURITY_PROFILES,
  ...SECURITY_CERTIFICATES,
  ...SECURITY_FIRMWARE,
];

/** Those with a Central System under test, in the order of the groups. */
export const CENTRAL_SYSTEM_CASES: readonly CaseDefinition[] = [
  ...SESSIONS,
  ...CS_REMOTE_ACTIONS,
  ...CS_CONFIGURATION,
  ...CS_NON_HAPPY,
  ...REMOTE_REFUSALS,
  ...CS_OFFLINE,
  ...CONFIGURATION_REFUSALS,
  ...CS_DATA_TRANSFER,
  ...CS_LOCAL_LIST,
  ...CS_FIRMWARE,
  ...CS_RESERVATION,
  ...CS_REMOTE_TRIGGER,
  ...CS_SMART_CHARGING,
  ...CS_SECURITY,
  ...CS_SECURITY_PROFILES,
  ...CS_SECURITY_CERTIFICATES,
];

/** Broken messages to a Charge Point under test, one case an Action. */
export const NEGATIVE_CHARGE_POINT_CASES: readonly CaseDefinition[] = NEGATIVE_CHARGE_POINT;

/** Broken messages to a Central System under test, one case an Action. */
export const NEGATIVE_CENTRAL_SYSTEM_CASES: readonly CaseDefinition[] = NEGATIVE_CENTRAL_SYSTEM;
