/** Cases that are about TLS handshakes: `tls_cases_test.ts` plays them, over real sockets. */
export const OVER_SOCKETS: ReadonlySet<string> = new Set([
  "TC_078_CS",
  "TC_083_CS",
  "TC_086_CS",
  "TC_087_CS",
]);
