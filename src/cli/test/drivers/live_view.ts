/** A view that rewrites lines of the terminal, beside which somebody wants to ask something. */
export interface LiveView {
  /** Takes its lines off the terminal and writes nothing until `resume`. */
  suspend(): void;
  resume(): void;
}
