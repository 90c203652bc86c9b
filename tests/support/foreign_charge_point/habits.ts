/**
 * What the specification leaves to whoever builds a Charge Point. Each field's comment says where.
 */
export interface Habits {
  /** Statuses before StartTransaction and StopTransaction, or after them. Nothing says which. */
  readonly tellsStatusFirst: boolean;
  /** From idTag or remote start on it is Preparing, not only once that is accepted. §4.9 A2. */
  readonly preparesAtOnce: boolean;
  /** AuthorizeRemoteTxRequests is true and read-only. §9.1. */
  readonly alwaysAuthorizesRemoteStarts: boolean;
  /** Units: milliseconds until the EV takes energy; meanwhile it is SuspendedEV. §4.9 B4, D3. */
  readonly evHesitatesMs: number;
  /** Energy in kWh, and no field where its default holds. §7.31, §7.43. */
  readonly writesMetersBriefly: boolean;
  /** Clock-aligned readings have the time at which their interval began. §4.7. */
  readonly stampsBeginOfInterval: boolean;
  /** `reason` is left out where it is Local. §6.49. */
  readonly omitsLocalReason: boolean;
  /** LocalPreAuthorize and others are taken over with the next start only. §5.3. */
  readonly rebootsForConfiguration: boolean;
  /** New firmware runs without a restart, and connectors stay in operation. §4.5. */
  readonly installsInPlace: boolean;
  /** A hard reset stops transactions before it, too. §5.14. */
  readonly stopsBeforeHardReset: boolean;
  /** A reservation of any connector is shown by the last one that is left. §5.13. */
  readonly showsReservationOfAny: boolean;
  /** A fault of the whole is one of each connector. §4.9. */
  readonly faultsAll: boolean;
  /** Limits in W only. §9.5. */
  readonly chargesByPowerOnly: boolean;
  /** Version -1 and status NotSupported, where others answer by a CALLERROR. §5.10, §7.50. */
  readonly answersWithoutProfile: boolean;
  /** More fields in StatusNotification, and the statuses after a boot in another order. §6.47. */
  readonly tellsMoreOfStatus: boolean;
  /** Empty lists are told in GetConfiguration.conf. §6.24. */
  readonly tellsEmptyLists: boolean;
  /** A BootNotification after each connection, which is advised against. OCPP-J 1.6 §5.3. */
  readonly bootsOnReconnect: boolean;
  /** Units: milliseconds that a status lasts before it is told. §9.1 MinimumStatusDuration. */
  readonly statusDelayMs: number;
  /** Authorize after ReserveNow, as is recommended. §5.13. */
  readonly validatesReservations: boolean;
  /** The Charge Point as a whole is Unavailable for an update. §4.5, §4.9. */
  readonly closesWholeForUpdates: boolean;
  /** What was closed for an update is open when it is told as Installed, after the restart. §4.5. */
  readonly staysClosedUntilInstalled: boolean;
  /** GetCompositeSchedule.conf without connectorId, which is optional. §6.22. */
  readonly omitsScheduleConnector: boolean;
  /** While Rejected there is no connection. §4.2. */
  readonly hangsUpWhileRejected: boolean;
  /** A detachable cable is locked as soon as it is in the EV, not only for the transaction. */
  readonly locksAtOnce: boolean;
  /** A register for each phase, and none for all of them. §7.30 phase. */
  readonly metersByPhase: boolean;
  /** Times with the offset of a zone instead of Z. §3.15. */
  readonly writesLocalTime: boolean;
  /** No energy before StartTransaction.conf, where that can come: SuspendedEVSE until then. §4.9 B5, E3, E4. */
  readonly offersAfterConf: boolean;
  /** Energy ends before the transaction does, and that is told: SuspendedEVSE. §4.9 C5, E6. */
  readonly suspendsBeforeStop: boolean;
  /** Its reader writes idTags in small letters, which are the same to everybody. §7.15. */
  readonly readsSmallLetters: boolean;
}

export const USUAL_HABITS: Habits = {
  tellsStatusFirst: false,
  preparesAtOnce: false,
  alwaysAuthorizesRemoteStarts: false,
  evHesitatesMs: 0,
  writesMetersBriefly: false,
  stampsBeginOfInterval: false,
  omitsLocalReason: false,
  rebootsForConfiguration: false,
  installsInPlace: false,
  stopsBeforeHardReset: false,
  showsReservationOfAny: false,
  faultsAll: false,
  chargesByPowerOnly: false,
  answersWithoutProfile: false,
  tellsMoreOfStatus: false,
  tellsEmptyLists: false,
  bootsOnReconnect: false,
  statusDelayMs: 0,
  validatesReservations: false,
  closesWholeForUpdates: false,
  staysClosedUntilInstalled: false,
  omitsScheduleConnector: false,
  hangsUpWhileRejected: false,
  locksAtOnce: false,
  metersByPhase: false,
  writesLocalTime: false,
  offersAfterConf: false,
  suspendsBeforeStop: false,
  readsSmallLetters: false,
};

/** As much otherwise as it may be. */
export const OTHER_HABITS: Habits = {
  ...USUAL_HABITS,
  tellsStatusFirst: true,
  preparesAtOnce: true,
  alwaysAuthorizesRemoteStarts: true,
  evHesitatesMs: 300,
  writesMetersBriefly: true,
  stampsBeginOfInterval: true,
  omitsLocalReason: true,
  rebootsForConfiguration: true,
  installsInPlace: true,
  stopsBeforeHardReset: true,
  showsReservationOfAny: true,
  faultsAll: true,
  chargesByPowerOnly: true,
  answersWithoutProfile: true,
  tellsMoreOfStatus: true,
  tellsEmptyLists: true,
  bootsOnReconnect: true,
  offersAfterConf: true,
  readsSmallLetters: true,
};

/** Slow, and careful. */
export const CAREFUL_HABITS: Habits = {
  ...USUAL_HABITS,
  statusDelayMs: 1_000,
  validatesReservations: true,
  closesWholeForUpdates: true,
  staysClosedUntilInstalled: true,
  omitsScheduleConnector: true,
  hangsUpWhileRejected: true,
};

/** Those of a small one. */
export const SMALL_HABITS: Habits = {
  ...USUAL_HABITS,
  locksAtOnce: true,
  metersByPhase: true,
  writesLocalTime: true,
  suspendsBeforeStop: true,
};
