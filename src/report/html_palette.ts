/**
 * The colours of the page, by what they are for. Text on paper and on its tints has a contrast of at least 4.5 to 1.
 */

/** Names are those of the style sheet's variables. */
export interface Palette {
  readonly paper: string;
  /** Raised parts: cases, tables. */
  readonly card: string;
  /** Where code stands. */
  readonly well: string;
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  /** Of a sequence diagram. */
  readonly lifeline: string;
  readonly link: string;
  readonly pass: string;
  readonly fail: string;
  readonly inconclusive: string;
  readonly absent: string;
  readonly tester: string;
  readonly system: string;
  /** Behind what failed, and behind the last frame before it. */
  readonly failTint: string;
}

export const LIGHT: Palette = {
  paper: "#f7f7f5",
  card: "#ffffff",
  well: "#f1f2f4",
  ink: "#1b1d21",
  quiet: "#596069",
  line: "#d9dce1",
  lifeline: "#b3bac4",
  link: "#1d55b8",
  pass: "#147044",
  fail: "#b42323",
  inconclusive: "#875300",
  absent: "#596069",
  tester: "#1d55b8",
  system: "#6b3fa0",
  failTint: "#fdeeee",
};

export const DARK: Palette = {
  paper: "#131518",
  card: "#1b1e23",
  well: "#23272e",
  ink: "#e7e9ec",
  quiet: "#a2a9b4",
  line: "#353b45",
  lifeline: "#5a626e",
  link: "#82b1ff",
  pass: "#56cc8d",
  fail: "#ff8a80",
  inconclusive: "#eabf5c",
  absent: "#a2a9b4",
  tester: "#82b1ff",
  system: "#c9a6f5",
  failTint: "#3a2023",
};
