/**
 * The file that says what a Central System under test offers: YAML or JSON (which is YAML too).
 *
 * Shape: `{ name: "backend 2.1", profiles: ["Core", "RemoteTrigger"], securityProfiles: [0, 1] }`
 */
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { ALL_FEATURE_PROFILES } from "../charge_point/description.ts";
import { issueText } from "./issue_text.ts";

/** The longest file, in characters. */
const LENGTH_MAX = 65_536;

const CentralSystemFile = z.strictObject({
  name: z.string().min(1).max(100),
  profiles: z.array(z.enum(ALL_FEATURE_PROFILES)).max(ALL_FEATURE_PROFILES.length),
  securityProfiles: z.array(z.literal([0, 1, 2, 3])).min(1).max(4),
}).partial();

/** What a Central System offers; what is absent is as whoever asks knows better. */
export type CentralSystemFile = Readonly<z.infer<typeof CentralSystemFile>>;

/** What a text says, or what is wrong with it in a line that begins with its name. */
export type ReadCentralSystemFile =
  | { readonly ok: true; readonly file: CentralSystemFile }
  | { readonly ok: false; readonly why: string };

/** Reads the text of a file of this name. */
export function readCentralSystemFile(text: string, name: string): ReadCentralSystemFile {
  if (text.length > LENGTH_MAX) return { ok: false, why: `${name} has more than ${LENGTH_MAX} characters` };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    return { ok: false, why: `${name}:${line}:${col}: ${fault.message.split("\n", 1)[0]}` };
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? {};
  const read = CentralSystemFile.safeParse(value);
  if (read.success) return { ok: true, file: read.data };
  const [first] = issueText(read.error.issues[0]!, { schema: CentralSystemFile, value, root: "the file" });
  return { ok: false, why: `${name}: ${first?.text ?? "it does not fit"}` };
}
