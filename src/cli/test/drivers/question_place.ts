import type { Style } from "../../terminal.ts";

/** Where somebody is asked: text that stays, and below it lines that are written anew. */
export interface QuestionPlace {
  readonly isTerminal: boolean;
  readonly style: Style;
  /** Characters in a line. */
  columns(): number;
  /** Whole lines that stay. */
  write(text: string): void;
  /** The question as it is now, instead of whatever else is written anew there; no lines: there is none any more. */
  show(question: readonly string[]): void;
}
