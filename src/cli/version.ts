/** The program's version; kept equal to the one in `deno.json` by a test. */
export const VERSION = "0.1.0";
